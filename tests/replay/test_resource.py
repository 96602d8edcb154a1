"""The resource side: who is let in, what pages may do, and the headers of everything."""

import json
import re

import pytest

from replayed import Caller, header, shipped
from wiretape.analysis.profile.model import Profile
from wiretape.recorder.wire.challenge import parse
from wiretape.replay.service import Choices

SSE = "https://mcp.atlassian.com/v1/sse"
TOKEN = "https://atlassian-remote-mcp-production.atlassian-remote-mcp-server-production.workers.dev/v1/token"
FOUND_AT = "https://mcp.atlassian.com/.well-known/oauth-authorization-server"
MISSING = {
    "error": "invalid_token",
    "error_description": "Missing or invalid access token",
}
INVALID = {"error": "invalid_token", "error_description": "Invalid access token"}
PAGE = {"origin": "https://page.example"}


@pytest.fixture
def caller() -> Caller:
    return Caller(shipped("atlassian-2025-08"))


@pytest.mark.parametrize(
    ("authorization", "described", "body"),
    [
        (None, "Missing or invalid access token", MISSING),
        ("Bearer nobody:has:this", None, INVALID),
        ("Basic abc", None, INVALID),
        ("Bearer", None, INVALID),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_has_no_good_token_is_refused_as_the_profile_does(
    caller: Caller, method: str, authorization: str | None, described: str | None, body: object
) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    reply = caller.ask(method, SSE, b"{}", headers)
    assert reply.status == 401
    assert json.loads(reply.body) == body
    (challenge,) = parse([header(reply, "www-authenticate") or ""])
    assert challenge.get("realm") == "OAuth"
    assert challenge.get("error") == "invalid_token"
    assert challenge.get("error_description") == described
    assert header(reply, "content-type") == "application/json"


def test_a_good_token_is_good_until_it_expires(caller: Caller) -> None:
    _, tokens = caller.granted()
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert caller.ask("POST", SSE, b"{}", headers).status == 404
    caller.clock.advance(3299)
    assert caller.ask("POST", SSE, b"{}", headers).status == 404
    caller.clock.advance(1)
    expired = caller.ask("POST", SSE, b"{}", headers)
    assert (expired.status, json.loads(expired.body)) == (401, INVALID)


def test_tokens_live_as_long_as_the_user_chose() -> None:
    caller = Caller(shipped("atlassian-2025-08"), Choices(expires_in=7))
    _, tokens = caller.granted()
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert tokens["expires_in"] == 7
    caller.clock.advance(7)
    assert caller.ask("POST", SSE, b"{}", headers).status == 401


def test_a_service_without_oauth_lets_everybody_in() -> None:
    caller = Caller(shipped("mcp-atlassian"))
    url = caller.profile.endpoints.mcp or ""
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}
    assert caller.post_json(url, hello).status == 200


def test_a_challenge_names_where_the_replay_listens() -> None:
    caller = Caller(shipped("atlassian-2026-09"))
    reply = caller.ask("POST", caller.profile.endpoints.mcp or "", b"{}")
    (challenge,) = parse([header(reply, "www-authenticate") or ""])
    assert challenge.get("resource_metadata") == (
        "http://127.0.0.1:5001/.well-known/oauth-protected-resource/v1/mcp/authv2"
    )


def test_the_issuer_can_be_mended() -> None:
    caller = Caller(shipped("atlassian-2025-08"), Choices(issuer="consistent"))
    document = json.loads(caller.ask("GET", FOUND_AT).body)
    assert document["issuer"] == "http://127.0.0.1:5001"
    assert document["token_endpoint"].startswith("http://127.0.0.1:5002/")


def test_an_issuer_that_is_right_stays_when_mended() -> None:
    place = "https://auth.atlassian.com/.well-known/oauth-authorization-server/tenant"
    both = [
        json.loads(Caller(shipped("atlassian-2026-09"), choices).ask("GET", place).body)["issuer"]
        for choices in (Choices(), Choices(issuer="consistent"))
    ]
    assert both == ["http://127.0.0.1:5002/tenant"] * 2


def test_mcp_routes_are_open_to_all_pages(caller: Caller) -> None:
    asks = PAGE | {"access-control-request-method": "POST"}
    preflight = caller.ask("OPTIONS", SSE, b"", asks)
    assert preflight.status == 204
    for reply in (preflight, caller.ask("GET", SSE, b"", PAGE)):
        assert header(reply, "access-control-allow-origin") == "*"
        assert header(reply, "access-control-allow-methods") == "GET, OPTIONS, POST"
        assert header(reply, "access-control-expose-headers") == "mcp-session-id"
        assert header(reply, "access-control-max-age") == "86400"


def test_oauth_routes_repeat_the_origin(caller: Caller) -> None:
    asks = PAGE | {"access-control-request-method": "POST"}
    for reply in (caller.ask("OPTIONS", TOKEN, b"", asks), caller.ask("GET", FOUND_AT, b"", PAGE)):
        assert header(reply, "access-control-allow-origin") == "https://page.example"
        assert header(reply, "access-control-allow-headers") == "*, Authorization"
    assert header(caller.ask("GET", FOUND_AT), "access-control-allow-origin") is None


def test_without_cors_a_preflight_is_not_allowed() -> None:
    caller = Caller(shipped("mcp-atlassian"))
    url = caller.profile.endpoints.mcp or ""
    asks = PAGE | {"access-control-request-method": "POST"}
    reply = caller.ask("OPTIONS", url, b"", asks)
    assert reply.status == 405
    assert not [name for name, _ in reply.headers if name.startswith("access-control-")]


def test_headers_are_constant_or_vary_as_they_did(caller: Caller) -> None:
    first, second = (dict(caller.ask("GET", FOUND_AT).headers) for _ in range(2))
    assert first["strict-transport-security"] == "max-age=63072000; preload"
    assert first["server"] == "AtlassianEdge"
    assert first["atl-traceid"] == first["atl-request-id"].replace("-", "")
    assert re.match(r"atl-edge;dur=\d+,atl-edge-internal;dur=\d+,", first["server-timing"])
    assert {name for name in first if first[name] != second[name]} == {
        "atl-request-id",
        "atl-traceid",
        "cf-ray",
        "server-timing",
    }
    assert first["date"] == "Tue, 14 Nov 2023 22:13:20 GMT"


def test_date_follows_the_clock(caller: Caller) -> None:
    caller.clock.advance(3600)
    assert header(caller.ask("GET", FOUND_AT), "date") == "Tue, 14 Nov 2023 23:13:20 GMT"


def test_a_redirect_is_as_it_was() -> None:
    profile = Profile.model_validate(
        {
            "name": "slash",
            "endpoints": {"mcp": "https://example.com/mcp/"},
            "redirect": {
                "/mcp": {"status": 307, "to": "http://…/mcp/", "scheme_downgrade": True},
                "/old": {"status": 301, "to": "/mcp/", "scheme_downgrade": False},
            },
        }
    )
    caller = Caller(profile)
    found = caller.ask("POST", "https://example.com/mcp")
    assert (found.status, header(found, "location")) == (307, "http://127.0.0.1:5001/mcp/")
    assert header(caller.ask("GET", "https://example.com/old"), "location") == "/mcp/"
