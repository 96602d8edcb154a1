"""Clients that are known without registering, as those of OAuth 2.0 (3LO) apps are."""

import json
from typing import Any

import pytest
from three_legged import CLIENT, KNOWN, SECRET, Gateway

from replayed import CALLBACK, error, header, told
from wiretape.replay.http.messages import Reply
from wiretape.replay.oauth.clients import described
from wiretape.replay.oauth.errors import OAuthError
from wiretape.replay.oauth.state import Client

URIS = [CALLBACK]


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def code(gateway: Gateway) -> str:
    return told(gateway.consent("ada"))["code"]


def refusal(reply: Reply) -> tuple[int, Any]:
    return reply.status, json.loads(reply.body)


def test_one_that_is_known_needs_no_registration(gateway: Gateway) -> None:
    assert gateway.profile.endpoints.registration is None
    tokens = gateway.connect("ada")
    assert (tokens["expires_in"], tokens["token_type"]) == (3600, "Bearer")


@pytest.mark.parametrize("asked", [{}, {"client_secret": "another"}])
def test_without_its_secret_it_gets_nothing(gateway: Gateway, asked: dict[str, str]) -> None:
    reply = gateway.exchange({"client_id": KNOWN.id}, code(gateway), **asked)
    assert refusal(reply) == (
        401,
        {"error": "access_denied", "error_description": "Unauthorized"},
    )


def test_nor_does_it_refresh(gateway: Gateway) -> None:
    token = gateway.connect("ada")["refresh_token"]
    assert gateway.refresh({"client_id": KNOWN.id}, token).status == 401
    assert gateway.refresh(CLIENT, token).status == 200


def test_it_may_write_json_as_atlassian_documents_it(gateway: Gateway) -> None:
    asked = {"grant_type": "authorization_code", "code": code(gateway), "redirect_uri": CALLBACK}
    reply = gateway.post_json(gateway.profile.endpoints.token or "", asked | CLIENT)
    assert "access_token" in gateway.answer_of(reply)


@pytest.mark.parametrize("uri", [f"{CALLBACK}/", CALLBACK.replace(":8765", ":8766")])
def test_its_redirect_uri_is_compared_exactly(gateway: Gateway, uri: str) -> None:
    reply = gateway.consent("ada", redirect_uri=uri)
    assert (reply.status, header(reply, "location")) == (400, None)


def test_another_client_is_not_known(gateway: Gateway) -> None:
    assert error(gateway.consent("ada", client_id="somebody")) == "invalid_request"


def test_a_refresh_token_is_there_for_those_who_ask_for_it(gateway: Gateway) -> None:
    assert "refresh_token" in gateway.connect("ada")
    assert "refresh_token" not in gateway.connect("ada", scope="read:jira-work")


def test_refresh_tokens_rotate_and_are_good_once(gateway: Gateway) -> None:
    old = gateway.connect("ada")["refresh_token"]
    new = gateway.answer_of(gateway.refresh(CLIENT, old))["refresh_token"]
    assert new != old
    assert refusal(gateway.refresh(CLIENT, old)) == (
        403,
        {"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."},
    )
    assert gateway.refresh(CLIENT, new).status == 200


@pytest.mark.parametrize("again", ["restart", "reset"])
def test_a_restart_does_not_forget_it_but_its_tokens(gateway: Gateway, again: str) -> None:
    token = gateway.connect("ada")["refresh_token"]
    getattr(gateway.service.world, again)()
    assert gateway.refresh(CLIENT, token).status == 403
    assert gateway.connect("ada")


def test_a_client_is_described_as_registrations_are_answered() -> None:
    told = {**CLIENT, "redirect_uris": URIS, "client_name": "Mine", "grant_types": ["any"]}
    assert described(told) == Client(
        "the-gateway", (CALLBACK,), "client_secret_post", SECRET, "Mine"
    )
    public = {"client_id": "app", "redirect_uris": URIS, "token_endpoint_auth_method": "none"}
    assert described(public) == described({"client_id": "app", "redirect_uris": URIS})


@pytest.mark.parametrize(
    "told",
    [
        7,
        [],
        {},
        {"client_id": "", "redirect_uris": URIS},
        {"client_id": "c"},
        {"client_id": "c", "redirect_uris": []},
        {"client_id": "c", "redirect_uris": ["no uri"]},
        {"client_id": "c", "redirect_uris": URIS, "client_secret": 7},
        {"client_id": "c", "redirect_uris": URIS, "client_secret": ""},
        {
            "client_id": "c",
            "redirect_uris": URIS,
            "token_endpoint_auth_method": "client_secret_post",
        },
        {
            "client_id": "c",
            "redirect_uris": URIS,
            "client_secret": "s",
            "token_endpoint_auth_method": "none",
        },
    ],
)
def test_what_is_no_client_is_refused(told: Any) -> None:
    with pytest.raises(OAuthError):
        described(told)
