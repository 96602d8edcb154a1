from typing import Any

import pytest

from concluded import diagnoses
from play import Play, call, initialize, result
from players import MCP, Streamable
from recognised import recognised


def test_attempts_at_one_place_are_one_diagnosis():
    play = Play()
    for _ in range(3):
        play.fail(play.post(MCP, initialize()), "[Errno 111] Connect call failed")
    (found,) = diagnoses(play)
    assert found.id == "service_unreachable"
    assert found.seen.startswith("3 attempts to reach mcp.example.com ")
    assert [place.line for place in found.evidence] == [2, 3, 4, 5, 6, 7]


def test_what_answers_other_requests_is_reached_now_and_then():
    play = Play()
    play.fail(play.post(MCP, initialize()), "[Errno 111] Connect call failed")
    session = Streamable(play, "0f3c")
    for number in range(60):
        play.answer(session.post(call(number, "ping")), result(number))
    play.unreachable("mcp.example.com:443", "Temporary failure in name resolution")
    for found in diagnoses(play):
        assert found.confidence == "likely"
        assert found.seen.endswith(" 62 requests to it got one.")
        assert "now and then" in found.cause
        assert "not running" not in found.cause
        assert "misspelt" not in found.cause
    assert recognised(play) == [("service_unreachable", "likely")] * 2


REFUSED = "[Errno 111] Connect call failed ('127.0.0.1', 3128)"


@pytest.mark.parametrize(
    ("url", "detail", "peer", "proxy"),
    [
        ("https://mcp.example.com/mcp", REFUSED, "mcp.example.com:443", "127.0.0.1:3128"),
        ("http://mcp.example.com/mcp", REFUSED, "127.0.0.1:3128", "127.0.0.1:3128"),
        ("http://127.0.0.1:8000/mcp", REFUSED, None, "127.0.0.1:3128"),
        ("https://mcp.example.com/mcp", "no", "u:p@proxy.example.net:443", "proxy.example.net:443"),
        ("https://mcp.example.com/mcp", "no", "http://u:p@[::1]:3128", "[::1]:3128"),
    ],
)
def test_a_proxy_that_is_not_reached(url: str, detail: str, peer: str | None, proxy: str):
    play = Play()
    play.fail(play.post(url, initialize()), detail, peer)
    (found,) = diagnoses(play)
    assert found.id == "service_unreachable"
    assert found.title == "The proxy cannot be reached"
    assert f" through {proxy} " in found.seen
    assert "u:p" not in found.seen + found.cause
    assert found.confidence == "likely"


def test_a_proxy_that_is_not_reached_for_a_tunnel():
    play = Play()
    play.unreachable("mcp.example.com:443", REFUSED)
    (found,) = diagnoses(play)
    assert (found.title, found.confidence) == ("The proxy cannot be reached", "likely")


@pytest.mark.parametrize(
    ("url", "detail", "peer"),
    [
        ("http://mcp.example.com/mcp", "Connect call failed ('192.0.2.7', 80)", None),
        ("https://mcp.example.com/mcp", "Connect call failed ('192.0.2.7', 443)", "192.0.2.7:443"),
        ("https://mcp.example.com/mcp", "no", "192.0.2.7"),
        ("http://localhost:3128/mcp", REFUSED, "localhost:3128"),
        (
            "http://localhost:80/mcp",
            "Connect call failed ('::1', 80, 0, 0), Connect call failed ('127.0.0.1', 80)",
            "localhost:80",
        ),
        ("http://127.0.0.1:3128/mcp", REFUSED, "127.0.0.1:3128"),
        ("https://MCP.example.com/mcp", "no", "mcp.example.com:443"),
        ("http://[broken/mcp", REFUSED, "[broken:x"),
    ],
)
def test_an_address_of_the_service_is_no_proxy(url: str, detail: str, peer: str | None):
    play = Play()
    play.fail(play.post(url, initialize()), detail, peer)
    (found,) = diagnoses(play)
    assert (found.title, found.confidence) == ("Nobody answers at the service's address", "certain")


def test_another_host_that_answers_says_nothing():
    play = Play()
    play.answer(play.post("https://other.example.com/mcp", initialize()), {})
    play.unreachable("mcp.example.com:443")
    (found,) = diagnoses(play)
    assert (found.confidence, "misspelt" in found.cause) == ("possible", True)


def test_a_host_of_unknown_use_is_the_service_where_nothing_else_is():
    play = Play()
    play.unreachable("mcp.example.com:443")
    assert recognised(play) == [("service_unreachable", "likely")]


def test_a_host_that_nothing_of_the_service_is_at():
    play = Play()
    Streamable(play, "0f3c")
    play.unreachable("telemetry.example.net:443")
    play.fail(play.request("POST", "https://metrics.example.net/v1", json={"n": 1}))
    assert recognised(play) == [("service_unreachable", "possible")] * 2


@pytest.mark.parametrize(
    ("method", "url", "how"),
    [
        ("POST", "https://example.net/rpc", {"json": initialize()}),
        ("POST", "https://example.net/token", {"form": {"grant_type": "refresh_token"}}),
        ("GET", "https://example.net/.well-known/oauth-protected-resource", {}),
        ("GET", "https://example.net/a?response_type=code&client_id=c", {}),
        ("GET", "https://example.net/mcp", {"headers": {"mcp-session-id": "1"}}),
    ],
)
def test_a_host_is_the_services_by_what_is_asked_of_it(method: str, url: str, how: dict[str, Any]):
    play = Play()
    Streamable(play, "0f3c")
    play.fail(play.request(method, url, **how))
    assert recognised(play) == [("service_unreachable", "certain")]


def test_a_server_that_breaks_off_was_reached():
    play = Play()
    post = play.post(MCP, initialize())
    play.stream(post)
    play.end(post, "server abort", "peer closed connection")
    assert recognised(play) == []


@pytest.mark.parametrize(
    ("answer", "title", "remedy"),
    [
        ("407 Proxy Authentication Required", "The proxy wants to know who asks", "credentials"),
        ("403 Forbidden", "The proxy does not let the client through", "allow"),
        ("502 Bad Gateway", "The proxy does not reach the service", "from the proxy"),
        ("504 Gateway Timeout", "The proxy does not reach the service", "from the proxy"),
    ],
)
def test_a_proxy_that_refuses_the_tunnel(answer: str, title: str, remedy: str):
    play = Play()
    detail = f"Upstream proxy proxy.example.net:3128 refused HTTP CONNECT request: {answer}"
    play.fail(play.post(MCP, initialize()), detail, "mcp.example.com:443")
    Streamable(play, "0f3c")
    (found,) = diagnoses(play)
    assert found.id == "service_unreachable"
    assert found.title == title
    assert " through proxy.example.net:3128 " in found.seen
    assert remedy in found.remedy
    assert found.confidence == "likely"
