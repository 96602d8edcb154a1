"""The steps that need no token: challenge, discovery, the other spelling, CORS."""

import json

import pytest

from paper import (
    HELLO,
    ORIGIN,
    URL,
    Play,
    answer,
    connected,
    granted,
    header,
    known,
    mcp,
    stream,
)
from wiretape.recorder.probe.steps import challenge, cors, discovery, slash
from wiretape.recorder.probe.talk import StepError

CHALLENGE = 'Bearer realm="x", resource_metadata="https://mcp.example/somewhere", scope="a b"'


def test_challenges_are_asked_for_without_with_a_malformed_and_with_a_bad_token():
    refusal = answer(401, www_authenticate=CHALLENGE)
    play = Play(known(), {"POST /mcp": refusal, "GET /mcp": answer(401)}).run(challenge.STEP)
    assert play.sent == ["POST /mcp", "GET /mcp"] * 3
    tokens = [header(ask, "authorization") for ask in play.asks[::2]]
    assert tokens == [None, "Bearer not, a token", "Bearer wiretape-probe-bad-token"]
    assert play.known.refused
    assert play.known.challenge == CHALLENGE


def test_an_own_authorization_is_not_shown_where_a_refusal_is_wanted():
    own = (("Authorization", "Bearer own"), ("x-site", "1"))
    play = Play(known(headers=own), {}).run(challenge.STEP)
    assert header(play.asks[0], "authorization") is None
    assert all(header(ask, "x-site") == "1" for ask in play.asks)


def test_a_session_that_was_not_wanted_is_ended():
    opened = answer(200, mcp_session_id="stray")
    play = Play(known(), {"POST /mcp": opened, "GET /mcp": stream()}).run(challenge.STEP)
    assert play.sent == ["POST /mcp", "DELETE /mcp", "GET /mcp"] * 3
    assert header(play.asks[1], "mcp-session-id") == "stray"
    assert not play.known.refused


def test_discovery_asks_where_the_challenge_says_then_by_path_and_at_the_root():
    found = known()
    found.refused, found.challenge = True, CHALLENGE
    resource = {
        "resource": URL,
        "authorization_servers": ["https://as.example/t", "javascript:alert(1)"],
        "scopes_supported": ["a"],
    }
    server = {
        "issuer": "https://as.example/t",
        "authorization_endpoint": "https://as.example/authorize",
        "token_endpoint": "https://as.example/token",
        "revocation_endpoint": "file:///etc/passwd",
    }
    routes = {
        "GET /somewhere": answer(200, resource),
        "GET https://as.example/.well-known/openid-configuration/t": answer(200, server),
    }
    play = Play(found, routes).run(discovery.STEP)
    assert [ask.url for ask in play.asks] == [
        f"{ORIGIN}/somewhere",
        f"{ORIGIN}/.well-known/oauth-protected-resource/mcp",
        f"{ORIGIN}/.well-known/oauth-protected-resource",
        "https://as.example/.well-known/oauth-authorization-server/t",
        "https://as.example/.well-known/openid-configuration/t",
        "https://as.example/t/.well-known/openid-configuration",
        "https://as.example/.well-known/oauth-authorization-server",
        "https://as.example/.well-known/openid-configuration",
        f"{ORIGIN}/.well-known/oauth-authorization-server",
        f"{ORIGIN}/.well-known/oauth-authorization-server/mcp",
        f"{ORIGIN}/.well-known/openid-configuration",
    ]
    assert play.known.resource == URL
    assert play.known.resource_scopes == ("a",)
    assert play.known.server is not None
    assert play.known.server.token_endpoint == "https://as.example/token"
    assert play.known.server.revocation_endpoint is None


def test_discovery_goes_on_where_one_place_cannot_be_reached():
    found = known()
    found.refused = True
    document = {"authorization_endpoint": f"{ORIGIN}/a", "token_endpoint": f"{ORIGIN}/t"}
    routes = {
        "GET /.well-known/oauth-protected-resource/mcp": StepError("no such host"),
        "GET /.well-known/oauth-authorization-server": answer(200, document),
    }
    play = Play(found, routes).run(discovery.STEP)
    assert play.error is None
    assert any("no such host" in note for note in play.notes)
    assert play.known.server is not None


def test_discovery_looks_for_a_challenge_if_nobody_did():
    play = Play(known(), {"POST /mcp": answer(401, www_authenticate=CHALLENGE)})
    play.run(discovery.STEP)
    assert play.asks[1].url == f"{ORIGIN}/somewhere"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"authorization_endpoint":1,"token_endpoint":2}', b"\xff", b"[" * 10_000],
)
def test_what_is_no_document_is_none(body: bytes):
    found = known()
    found.refused = True
    routes = {"GET /.well-known/oauth-authorization-server": answer(200, body)}
    play = Play(found, routes).run(discovery.STEP)
    assert play.known.server is None
    assert play.known.resource is None


def test_redirects_of_the_other_spelling_are_followed_as_most_clients_do():
    plain = "http://mcp.example"
    routes = {
        f"POST {URL}/": answer(307, location=f"{plain}/mcp"),
        f"POST {plain}/mcp": answer(301, location=URL),
        f"GET {URL}": answer(400),
    }
    play = Play(granted(), routes).run(slash.STEP)
    assert play.sent == ["POST /mcp/", "POST /mcp", "GET /mcp", "GET /mcp/"]
    assert [header(ask, "authorization") for ask in play.asks[:3]] == [
        "Bearer a:1:first",
        None,  # to another origin: no token
        "Bearer a:1:first",
    ]
    assert play.asks[1].body
    assert not play.asks[2].body
    assert play.notes == [
        (
            "the other spelling: POST 307 → to http://mcp.example → POST 301"
            " → to https://mcp.example → GET 400"
        )
    ]


def test_redirects_in_a_circle_end():
    play = Play(granted(), {"POST /mcp/": answer(307, location="/mcp/")}).run(slash.STEP)
    assert play.sent.count("POST /mcp/") == 6


@pytest.mark.parametrize(
    ("url", "other"),
    [(URL, f"{URL}/"), (f"{URL}/?a=/", f"{URL}?a=/"), (ORIGIN, None), (f"{ORIGIN}/", None)],
)
def test_the_other_spelling(url: str, other: str | None):
    assert slash.other_spelling(url) == other


def test_preflights_go_to_every_known_route():
    found = connected()
    found.metadata_urls = (f"{ORIGIN}/.well-known/oauth-authorization-server",)
    assert found.session
    found.session.url = f"{ORIGIN}/message?id=1"
    play = Play(found, {}).run(cors.STEP)
    preflights = [ask for ask in play.asks if ask.label.startswith("preflight")]
    wanted = [(header(ask, "access-control-request-method"), ask.url) for ask in preflights]
    assert wanted == [
        ("POST", URL),
        ("GET", URL),
        ("DELETE", URL),
        ("POST", f"{ORIGIN}/message?id=1"),
        ("GET", f"{ORIGIN}/.well-known/oauth-authorization-server"),
        ("GET", f"{ORIGIN}/authorize"),
        ("POST", f"{ORIGIN}/token"),
        ("POST", f"{ORIGIN}/register"),
        ("POST", f"{ORIGIN}/revoke"),
    ]
    assert all(header(ask, "origin") for ask in preflights)
    assert not any(header(ask, "authorization") for ask in preflights)  # as in browsers


def test_actual_requests_have_an_origin_with_and_without_a_token():
    play = Play(granted(), {"POST /mcp": mcp(initialize=HELLO)}).run(cors.STEP)
    actual = [ask for ask in play.asks if "with Origin" in ask.label and ask.method == "POST"]
    assert [header(ask, "authorization") for ask in actual] == [None, "Bearer a:1:first"]
    assert play.sent.count("DELETE /mcp") == 2  # the sessions that were opened thereby
    assert json.loads(actual[0].body)["method"] == "initialize"


def test_an_open_service_is_asked_only_once():
    play = Play(known(), {}).run(cors.STEP)
    assert [ask.label for ask in play.asks if "with Origin" in ask.label] == [
        "POST the endpoint, without a token, with Origin",
        "GET the endpoint, without a token, with Origin",
    ]
