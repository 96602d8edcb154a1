"""What is told of tokens (RFC 7662), and how they are taken back (RFC 7009)."""

import json

import pytest

from replayed import Caller, Json, changed, error, offering, shipped
from wiretape.replay.http.messages import Reply
from wiretape.replay.service import Choices

INTROSPECTION = "https://auth.atlassian.com/oauth/introspect"
REVOCATION = "https://auth.atlassian.com/oauth/revoke"


@pytest.fixture
def caller() -> Caller:
    profile = shipped("atlassian-2026-09")
    known = changed(profile, endpoints={"introspection": INTROSPECTION})
    methods = ["none", "client_secret_post"]
    return Caller(
        offering(known, token_endpoint_auth_methods_supported=methods), Choices(users=("ada",))
    )


def post(caller: Caller, url: str, client: Json, **form: str) -> Reply:
    own = {key: client[key] for key in ("client_id", "client_secret") if key in client}
    return caller.post_form(url, **(own | form))


def asker(caller: Caller) -> Json:
    return caller.register(token_endpoint_auth_method="client_secret_post")


def introspected(caller: Caller, token: str) -> Json:
    return caller.answer_of(post(caller, INTROSPECTION, asker(caller), token=token))


def test_a_good_access_token_is_described(caller: Caller) -> None:
    client, tokens = caller.granted(scope="read:jira-work")
    found = introspected(caller, tokens["access_token"])
    assert found == {
        "active": True,
        "scope": "read:jira-work",
        "client_id": client["client_id"],
        "username": "ada",
        "token_type": "Bearer",
        "iat": 1_700_000_000,
        "exp": 1_700_003_600,
        "sub": "ada",
        "aud": "http://127.0.0.1:5001/v1/mcp/authv2",
        "iss": "http://127.0.0.1:5002/tenant",
    }


def test_a_refresh_token_is_described_and_not_used_up(caller: Caller) -> None:
    client, tokens = caller.granted()
    found = introspected(caller, tokens["refresh_token"])
    assert (found["active"], "exp" in found) == (True, False)
    assert caller.refresh(client, tokens["refresh_token"]).status == 200
    assert introspected(caller, tokens["refresh_token"]) == {"active": False}


def test_nothing_is_told_of_what_is_not_good(caller: Caller) -> None:
    _, tokens = caller.granted()
    caller.clock.advance(3600)
    for token in (tokens["access_token"], "nobody's"):
        assert introspected(caller, token) == {"active": False}


def test_who_asks_must_show_who_it_is(caller: Caller) -> None:
    public, tokens = caller.granted()
    secret = asker(caller) | {"client_secret": "wrong"}
    for client in (public, secret, {}):
        reply = post(caller, INTROSPECTION, client, token=tokens["access_token"])
        assert (reply.status, error(reply)) == (401, "invalid_client")


@pytest.mark.parametrize("url", [INTROSPECTION, REVOCATION])
def test_the_token_must_be_named(caller: Caller, url: str) -> None:
    assert error(post(caller, url, asker(caller))) == "invalid_request"


def test_without_such_an_endpoint_there_is_none() -> None:
    caller = Caller(shipped("atlassian-2026-09"))
    assert caller.post_form(INTROSPECTION, token="x").status == 404


def test_a_public_client_revokes_its_access_token(caller: Caller) -> None:
    client, tokens = caller.granted()
    assert post(caller, REVOCATION, client, token=tokens["access_token"]).status == 200
    assert caller.calls(tokens["access_token"]).status == 401
    assert caller.refresh(client, tokens["refresh_token"]).status == 200


def test_a_revoked_refresh_token_takes_the_access_tokens_with_it(caller: Caller) -> None:
    client, tokens = caller.granted()
    hint = "access_token"  # a wrong hint only makes the search longer (RFC 7009, 2.1)
    told = {"token": tokens["refresh_token"], "token_type_hint": hint}
    assert post(caller, REVOCATION, client, **told).status == 200
    assert caller.calls(tokens["access_token"]).status == 401


def test_a_token_that_nobody_knows_is_as_good_as_revoked(caller: Caller) -> None:
    assert post(caller, REVOCATION, asker(caller), token="nobody's").status == 200


def test_another_clients_token_is_not_revoked(caller: Caller) -> None:
    _, tokens = caller.granted()
    reply = post(caller, REVOCATION, asker(caller), token=tokens["access_token"])
    assert (reply.status, json.loads(reply.body)["error_description"]) == (
        403,  # as this service has invalid_grant
        "Unknown or invalid refresh token.",
    )
    assert caller.calls(tokens["access_token"]).status == 200


def test_types_of_tokens_that_are_not_revoked(caller: Caller) -> None:
    client, tokens = caller.granted()
    told = {"token": tokens["access_token"], "token_type_hint": "device_code"}
    assert error(post(caller, REVOCATION, client, **told)) == "unsupported_token_type"
