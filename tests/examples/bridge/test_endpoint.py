"""The bridge's MCP endpoint, as clients and browsers see it."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bridging import PROFILES, Bridged, Json, bridged, text
from misbehaving import ACCEPT, message, told, waits_for


@pytest.fixture(scope="module", params=[PROFILES[0], PROFILES[2]])
def bridge(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bridged]:
    with bridged(tmp_path_factory.mktemp("bridge"), request.param, "--timeout", "1") as client:
        yield client


@pytest.fixture
def session(bridge: Bridged) -> Bridged:
    assert bridge.afresh().begin().status_code == 200
    return bridge


def test_tools_and_results_are_those_of_the_service(session: Bridged) -> None:
    tools = told(session.say("tools/list", 1))["result"]["tools"]
    assert len(tools) == 24
    assert all(tool["inputSchema"]["type"] == "object" for tool in tools)
    assert text(session.call(2)).startswith("atlassianUserInfo")
    assert told(session.say("no/such", 3))["error"]["code"] == -32601


def test_both_spellings_of_the_slash_are_served(session: Bridged) -> None:
    said = message("ping", 1)
    for url in (session.url, f"{session.url}/"):
        assert session.http.post(url, json=said, headers=session.headers).status_code == 200


def test_a_session_is_issued_and_required(session: Bridged) -> None:
    known = session.headers.pop("mcp-session-id")
    assert session.call().status_code == 400
    session.headers["mcp-session-id"] = "unknown"
    assert session.call().status_code == 404
    session.headers["mcp-session-id"] = known
    assert session.call().status_code == 200
    assert session.http.delete(session.url, headers=session.headers).status_code == 204
    assert session.call().status_code == 404


def test_a_session_is_its_own_users_only(session: Bridged) -> None:
    own = session.headers["authorization"]
    session.grant()
    other = session.headers["authorization"]
    assert other != own
    assert session.call().status_code == 404
    session.headers["authorization"] = own
    assert session.call().status_code == 200


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"accept": "application/json"}, b"{}", 406),
        ({"accept": "text/event-stream"}, b"{}", 406),
        ({"content-type": "text/plain"}, b"{}", 415),
        ({}, b"{", 400),
        ({}, b"[]", 400),
        ({}, b'{"jsonrpc": "2.0", "id": {}, "method": "ping"}', 400),
        ({}, b" " * 4_000_001, 413),
        ({}, b"[" * 100_000, 400),
        ({}, b'{"jsonrpc": "2.0", "id": 1, "method": "\\ud800"}', 400),
        ({}, b"\xff", 400),
        ({"mcp-protocol-version": "1999-01-01"}, b'{"jsonrpc": "2.0", "method": "x"}', 400),
    ],
)
def test_what_is_not_as_it_should_be_is_refused(
    session: Bridged, headers: dict[str, str], body: bytes, status: int
) -> None:
    sent = session.headers | {"content-type": "application/json"} | headers
    answer = session.http.post(session.url, content=body, headers=sent)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_any_accept_is_good_that_covers_both(session: Bridged) -> None:
    for accept in ("*/*", "application/*, text/*", "text/event-stream;q=0.5, application/json"):
        sent = session.headers | {"accept": accept}
        assert session.http.post(session.url, json=message("ping", 1), headers=sent).is_success


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_page_may_ask_and_read_what_it_needs(session: Bridged, method: str) -> None:
    page = {"origin": "https://page.example"}
    preflight = session.http.options(
        session.url,
        headers=page
        | {
            "access-control-request-method": method,
            "access-control-request-headers": "authorization,content-type,mcp-session-id",
        },
    )
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert method in preflight.headers["access-control-allow-methods"]
    allowed = preflight.headers["access-control-allow-headers"].lower()
    assert "mcp-session-id" in allowed
    assert "authorization" in allowed
    assert preflight.headers["access-control-max-age"] == "86400"
    for sent in (session.headers, ACCEPT):
        answer = session.http.post(session.url, json=message("ping", 1), headers=page | sent)
        exposed = answer.headers["access-control-expose-headers"].lower()
        assert "mcp-session-id" in exposed
        assert "www-authenticate" in exposed
        assert answer.headers["access-control-allow-origin"] == "*"


def test_other_hosts_are_not_served(bridge: Bridged) -> None:
    for name, status in (("evil.example", 421), (bridge.origin.removeprefix("http://"), 401)):
        answer = bridge.http.get(bridge.url, headers={"host": name})
        assert answer.status_code == status


PASSING = (
    "odd-chunks",
    "line-ends",
    "oversized-event",
    "unknown-notification",
    "unauthorized:times=1",
)


@pytest.mark.parametrize("fault", PASSING)
def test_what_is_only_odd_does_no_harm(session: Bridged, fault: str) -> None:
    session.service.arm(fault)
    answer = session.call()
    assert answer.status_code == 200
    assert "result" in [*messages(answer)][-1]


FAILING = {
    "latency:seconds=30": ("in 1 s", "in time"),
    "accepted-without-answer": ("in 1 s", "ended", "answered 202"),
    "connection-reset": ("the connection to the upstream failed",),
    "malformed-json": ("no JSON-RPC message",),
    "wrong-id": ("in 1 s", "ended"),
}


@pytest.mark.parametrize("fault", FAILING)
def test_failures_of_the_service_have_names_and_end(session: Bridged, fault: str) -> None:
    session.service.arm(fault)
    answer = session.call()
    assert answer.elapsed.total_seconds() < 10
    assert answer.status_code in {200, 502, 504}
    *_, failed = messages(answer)
    assert failed["id"] == 1
    assert any(each in failed["error"]["message"] for each in FAILING[fault]), failed
    session.service.disarm()
    if session.call().status_code == 404:  # it was on the session's only stream
        session.begin()
    assert session.call().status_code == 200


@pytest.mark.parametrize("profile", [PROFILES[0], "oauth-streamable"])
def test_streams_that_break_end_calls(tmp_path: Path, profile: str) -> None:
    legacy = profile == PROFILES[0]
    scope = ("--scope", "notes:read notes:write") if not legacy else ()
    with bridged(tmp_path, profile, "--timeout", "1", *scope) as client:
        client.tool = "atlassianUserInfo" if legacy else "list_notes"
        for fault, said in (("stream-cut", "failed"), ("stream-stalled", "in 1 s")):
            if legacy:  # after where to post, and the answers to initialize and initialized
                client.service.arm(fault, after=3)
            client.begin()
            if not legacy:
                client.service.arm(fault)
            *_, failed = messages(client.call())
            assert failed["id"] == 1
            assert said in failed["error"]["message"]
            client.service.disarm()


def test_a_session_that_the_service_forgot_is_over(session: Bridged) -> None:
    session.service.arm("session-gone")
    assert session.call().status_code in {404, 502}
    session.service.disarm()
    assert session.call().status_code == 404
    session.begin()
    assert session.call().status_code == 200


def test_a_stream_that_is_left_can_be_had_again(session: Bridged) -> None:
    listening = session.headers | {"accept": "text/event-stream"}
    with session.http.stream("GET", session.url, headers=listening) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert session.http.get(session.url, headers=listening).status_code == 409

    def again() -> bool:
        with session.http.stream("GET", session.url, headers=listening) as stream:
            return stream.status_code == 200

    waits_for(again)


def messages(answer: httpx.Response) -> Iterator[Json]:
    """Give the messages that a POST is answered with."""
    if answer.headers["content-type"] == "application/json":
        yield answer.json()
    for line in answer.text.splitlines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


@pytest.mark.parametrize("trusted", [True, False])
def test_only_a_trusted_proxy_is_believed(tmp_path: Path, trusted: bool) -> None:
    options = ("--host", "bridge.example", *(("--trusted-proxy", "127.0.0.1") if trusted else ()))
    forwarded = {"host": "bridge.example", "x-forwarded-proto": "https"}
    scheme = "https" if trusted else "http"
    with bridged(tmp_path, PROFILES[1], *options, granted=False) as client:
        client.client = client.register().json()
        known = f"{client.origin}/.well-known/oauth-authorization-server"
        metadata = client.http.get(known, headers=forwarded).json()
        assert metadata["token_endpoint"] == f"{scheme}://bridge.example/access-token"
        client.http.headers.update(forwarded)
        away = client.wish()
        asked = parse_qs(urlsplit(away.headers["location"]).query)
        assert asked["redirect_uri"] == [f"{scheme}://bridge.example/callback"]
        assert ("; Secure" in away.headers["set-cookie"]) == trusted
        challenge = client.http.get(client.url).headers["www-authenticate"]
        assert f'resource_metadata="{scheme}://bridge.example/' in challenge


def test_pages_of_other_origins_may_not_call_if_some_are_named(tmp_path: Path) -> None:
    with bridged(
        tmp_path, PROFILES[1], "--origin", "https://page.example", granted=False
    ) as client:
        for origin, status in (("https://page.example", 401), ("https://evil.example", 403)):
            answer = client.http.get(client.url, headers={"origin": origin})
            assert answer.status_code == status
