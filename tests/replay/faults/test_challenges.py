"""Refusals of MCP routes, and what is wrong with them."""

import httpx
import pytest

from misbehaving import SSE, STREAMABLE, Client, client, told, unlike
from wiretape.recorder.wire.challenge import parse

FAULTS = ("challenge-without-error", "challenge-missing", "challenge-several")


def refused(a: Client) -> httpx.Response:
    return a.http.post(a.service.url, json={}, headers={"accept": a.headers["accept"]})


@pytest.mark.parametrize("profile", [SSE, STREAMABLE])
@pytest.mark.parametrize("fault", FAULTS)
def test_only_the_challenge_changes_and_only_while_it_is_armed(fault: str, profile: str) -> None:
    with client(profile) as a:
        usual = refused(a)
        armed = a.service.arm(fault)
        answer = refused(a)
        varies = unlike(usual, refused(a))
        assert answer.status_code == 401
        assert "www-authenticate" in unlike(usual, answer) <= varies
        a.service.disarm(armed)
        assert refused(a).headers["www-authenticate"] == usual.headers["www-authenticate"]


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_not_refused_is_left_alone(fault: str) -> None:
    with client(STREAMABLE, f"{fault}:times=1") as a:
        assert a.begin().status_code == 200
        assert a.service.journal[-1].faults == []
        refused(a)
        assert a.service.journal[-1].faults == [fault]


def test_a_challenge_without_error() -> None:
    with client(SSE, "challenge-without-error") as a:
        (challenge,) = parse([refused(a).headers["www-authenticate"]])
        assert challenge.params == (("realm", "OAuth"),)


def test_a_refusal_without_a_challenge() -> None:
    with client(SSE, "challenge-missing") as a:
        answer = refused(a)
        assert "www-authenticate" not in answer.headers
        assert answer.json()["error"] == "invalid_token"


def test_a_challenge_with_several_schemes() -> None:
    with client(SSE, "challenge-several") as a:
        found = parse([refused(a).headers["www-authenticate"]])
        assert [each.scheme for each in found] == ["Negotiate", "Basic", "Bearer"]
        assert found[1].get("realm") == "a, b"
        assert found[2].get("error") == "invalid_token"


@pytest.mark.parametrize("profile", [STREAMABLE, SSE])
def test_a_token_expires_early(profile: str) -> None:
    with client(profile, "expired-early:after=100") as a:
        assert a.tokens["expires_in"] == 3600
        a.service.clock.advance(99)
        before = a.say("ping", 1)
        a.service.clock.advance(1)
        answer = a.say("ping", 1)
        assert (before.status_code == 401, answer.status_code) == (False, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")
        a.take(a.refresh())
        assert a.say("ping", 1).status_code == before.status_code


def test_an_early_end_that_is_disarmed_is_none() -> None:
    with client(STREAMABLE) as a:
        armed = a.service.arm("expired-early:after=0")
        assert a.begin().status_code == 401
        a.service.disarm(armed)
        assert a.begin().status_code == 200


def test_a_call_needs_a_scope_that_the_token_lacks() -> None:
    with client(STREAMABLE, granted=False) as a:
        a.grant(scope="notes:read")
        a.service.arm("insufficient-scope:scope=notes:write,method=tools/call")
        a.begin()
        assert a.say("tools/list", 1).status_code == 200
        answer = a.say("tools/call", 2, name="list_notes", arguments={})
        assert answer.status_code == 403
        assert answer.json()["error"] == "insufficient_scope"
        (challenge,) = parse([answer.headers["www-authenticate"]])
        assert challenge.get("error") == "insufficient_scope"
        assert challenge.get("scope") == "notes:write"
        assert (challenge.get("resource_metadata") or "").startswith("http://127.0.0.1")


def test_a_client_that_steps_up_is_served() -> None:
    with client(STREAMABLE, granted=False) as a:
        a.grant(scope="notes:read")
        a.service.arm("insufficient-scope:scope=notes:write")
        a.begin()
        assert a.say("tools/list", 1).status_code == 403
        a.grant(scope="notes:read notes:write")
        a.begin()
        assert told(a.say("tools/list", 1))["id"] == 1
