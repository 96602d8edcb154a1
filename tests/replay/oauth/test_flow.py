"""The authorization server, asked as clients ask it, and as they must not."""

import json
from base64 import b64encode

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from replayed import CALLBACK, Caller, error, header, shipped, told
from wiretape.analysis.oauth.shapes import describe

OFFICIAL = "atlassian-2025-08"
FOUND_AT = "https://mcp.atlassian.com/.well-known/oauth-authorization-server"


@pytest.fixture
def caller() -> Caller:
    return Caller(shipped(OFFICIAL))


def test_tokens_are_of_the_profiles_shape(caller: Caller) -> None:
    client, first = caller.granted()
    second = json.loads(caller.refresh(client, first["refresh_token"]).body)
    family = [first["access_token"], second["access_token"]]
    shape = caller.profile.token.access.shape
    assert shape is not None
    found = json.loads(json.dumps(describe(family, [family])))
    assert found == shape.model_dump(mode="json")
    assert first["expires_in"] == 3300
    assert first["token_type"] == "bearer"
    assert first["scope"] == "read:jira-work write:jira-work offline_access"
    assert len(client["client_id"]) == 16


def test_the_token_answer_has_no_cache_control_if_the_profile_says_so(caller: Caller) -> None:
    client = caller.register()
    reply = caller.exchange(client, caller.code(client))
    assert header(reply, "cache-control") is None
    assert header(caller.ask("GET", FOUND_AT), "cache-control") == "no-cache"


def test_the_state_comes_back(caller: Caller) -> None:
    assert told(caller.authorize(caller.register()))["state"] == "a state"


def test_a_code_is_good_once_and_takes_its_tokens_with_it(caller: Caller) -> None:
    client = caller.register()
    code = caller.code(client)
    tokens = json.loads(caller.exchange(client, code).body)
    assert error(caller.exchange(client, code)) == "invalid_grant"
    assert error(caller.refresh(client, tokens["refresh_token"])) == "invalid_grant"


def test_a_code_expires(caller: Caller) -> None:
    client = caller.register()
    code = caller.code(client)
    caller.clock.advance(600)
    assert error(caller.exchange(client, code)) == "invalid_grant"


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"redirect_uri": CALLBACK + "/"},
        {"code": "another"},
    ],
)
def test_a_code_is_exchanged_with_what_it_was_asked_with(
    caller: Caller, wrong: dict[str, str]
) -> None:
    client = caller.register()
    code = caller.code(client)
    assert error(caller.exchange(client, **({"code": code} | wrong))) == "invalid_grant"


def test_a_code_is_its_clients_own(caller: Caller) -> None:
    code = caller.code(caller.register())
    assert error(caller.exchange(caller.register(), code)) == "invalid_grant"


@pytest.mark.parametrize(
    "wrong", [{"redirect_uri": CALLBACK + "?more"}, {"redirect_uri": None}, {"client_id": "no"}]
)
def test_nobody_is_sent_where_no_client_is_registered(
    caller: Caller, wrong: dict[str, str | None]
) -> None:
    client = caller.register(redirect_uris=[CALLBACK, CALLBACK + "/2"])
    reply = caller.authorize(client, **wrong)
    assert (reply.status, header(reply, "location")) == (400, None)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_the_client_is_told_what_is_wrong(
    caller: Caller, wrong: dict[str, str | None], why: str
) -> None:
    answer = told(caller.authorize(caller.register(), **wrong))
    assert (answer["error"], answer["state"], "code" in answer) == (why, "a state", False)


def test_a_plain_challenge_where_the_metadata_offers_it(caller: Caller) -> None:
    client = caller.register()
    code = caller.code(client, code_challenge="p" * 43, code_challenge_method="plain")
    assert caller.exchange(client, code, code_verifier="p" * 43).status == 200


def test_the_previous_refresh_token_is_good_until_the_newer_is_used(caller: Caller) -> None:
    client, first = caller.granted()
    second = json.loads(caller.refresh(client, first["refresh_token"]).body)
    assert caller.refresh(client, first["refresh_token"]).status == 200
    assert caller.refresh(client, second["refresh_token"]).status == 200
    refused = caller.refresh(client, first["refresh_token"])
    assert refused.status == 400
    assert json.loads(refused.body) == {
        "error": "invalid_grant",
        "error_description": "Invalid refresh token",
    }


def test_refreshing_takes_a_form(caller: Caller) -> None:
    client, tokens = caller.granted()
    asked = {
        "grant_type": "refresh_token",
        "refresh_token": tokens["refresh_token"],
        "client_id": client["client_id"],
    }
    reply = caller.post_json(caller.profile.endpoints.token or "", asked)
    assert (reply.status, error(reply)) == (400, "invalid_request")


def test_tokens_are_revoked_where_the_metadata_says_even_at_the_token_endpoint(
    caller: Caller,
) -> None:
    client, tokens = caller.granted()
    assert caller.token(client, token=tokens["refresh_token"]).status == 200
    assert error(caller.refresh(client, tokens["refresh_token"])) == "invalid_grant"


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_a_client_with_a_secret_must_show_it(caller: Caller, method: str) -> None:
    client = caller.register(token_endpoint_auth_method=method)
    code = caller.code(client)
    refused = caller.exchange(client, code, client_secret="another")
    assert (refused.status, error(refused)) == (401, "invalid_client")
    assert caller.exchange(client, code).status == 200


def test_a_secret_may_come_in_the_header(caller: Caller) -> None:
    client = caller.register(token_endpoint_auth_method="client_secret_basic")
    basic = b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "authorization": f"Basic {basic}",
    }
    reply = caller.ask(
        "POST", caller.profile.endpoints.token or "", b"grant_type=password", headers
    )
    assert error(reply) == "unsupported_grant_type"


@pytest.mark.parametrize(
    "asked", [{"redirect_uris": []}, {"redirect_uris": ["/callback"]}, {"redirect_uris": "x"}]
)
def test_a_client_without_usable_redirect_uris_is_not_registered(
    caller: Caller, asked: object
) -> None:
    reply = caller.post_json(caller.profile.endpoints.registration or "", asked)
    assert (reply.status, error(reply)) == (400, "invalid_redirect_uri")


def test_documents_name_where_the_replay_listens(caller: Caller) -> None:
    reply = caller.ask("GET", FOUND_AT)
    document = json.loads(reply.body)
    assert document["issuer"] == "http://127.0.0.1:5002"
    assert document["authorization_endpoint"] == "http://127.0.0.1:5001/v1/authorize"
    assert document["token_endpoint"] == "http://127.0.0.1:5002/v1/token"
    assert b"atlassian" not in reply.body


def test_there_is_no_document_where_there_was_none(caller: Caller) -> None:
    url = "https://mcp.atlassian.com/.well-known/oauth-protected-resource/v1/sse"
    assert caller.ask("GET", url).status == 404


def test_tokens_that_are_jwts_say_what_the_profile_tells() -> None:
    caller = Caller(shipped("atlassian-2026-09"))
    _, tokens = caller.granted()
    keys = KeySet.import_key_set(caller.service.jwks())
    claims = jwt.decode(tokens["access_token"], keys).claims
    assert claims["aud"] == "http://127.0.0.1:5001/v1/mcp/authv2"
    assert claims["iss"] == "http://127.0.0.1:5002/tenant"
    assert claims["exp"] - claims["iat"] == tokens["expires_in"] == 3600
