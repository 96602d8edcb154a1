import pytest

from play import Play, call, initialize, initialized, result
from players import MCP, SSE, Sse, Streamable
from recognised import recognised

OTHER = {"User-Agent": "other"}


def test_a_client_that_never_falls_back():
    play = Play()
    play.answer(play.post(SSE, initialize()), text="Missing sessionId parameter", status=404)
    assert recognised(play) == [("transport_mixed_up", "likely")]


EVENTS = "https://mcp.example.com/v1/events"
SERVICE = "https://example.com/service"


def hears(play: Play, url: str, **how: object) -> None:
    stream = play.listen(url, **how)
    play.stream(stream)
    play.event(stream, event="endpoint", text="/v1/message?sessionId=1")


def test_it_is_certain_where_only_others_got_the_stream_before():
    play = Play()
    hears(play, EVENTS)
    play.answer(play.post(EVENTS, initialize(), OTHER, on="c2"), text="no", status=404)
    assert recognised(play) == [("transport_mixed_up", "certain")]


def test_whoever_gets_the_stream_afterwards_may_be_the_same_program():
    play = Play()
    play.answer(play.post(EVENTS, initialize(), OTHER, on="c2"), text="no", status=404)
    hears(play, EVENTS)
    assert recognised(play) == [("transport_mixed_up", "possible")]


def test_a_connection_belongs_to_one_program_whatever_it_calls_itself():
    play = Play()
    play.answer(play.post(SSE, initialize(), OTHER), text="Missing sessionId", status=404)
    hears(play, SSE)
    play.answer(play.listen(SERVICE, OTHER), text="", status=405)
    play.answer(play.post(SERVICE, initialize()), initialized())
    assert recognised(play) == []


def test_a_client_that_is_served_elsewhere_at_that_host_has_not_given_up():
    play = Play()
    hears(play, EVENTS, on="c2")
    play.answer(play.post(EVENTS, initialize(), OTHER), text="no", status=404)
    play.answer(play.post(MCP, initialize(), OTHER), initialized())
    assert recognised(play) == [("transport_mixed_up", "possible")]


def test_a_client_that_falls_back():
    play = Play()
    play.answer(play.post(SSE, initialize()), text="Missing sessionId parameter", status=404)
    Sse(play, "a" * 40).say(call(1, "tools/list"))
    assert recognised(play) == []


def test_a_wrong_address_is_another_failure():
    play = Play()
    play.answer(play.post("https://mcp.example.com/", initialize()), text="Not Found", status=404)
    assert recognised(play) == []


def test_a_client_that_never_posts():
    play = Play()
    play.answer(play.listen(MCP), text="Bad Request: Missing session ID", status=400)
    assert recognised(play) == [("transport_mixed_up", "likely")]


def test_it_is_certain_where_only_others_posted_before():
    play = Play()
    play.answer(play.post(SERVICE, initialize()), initialized())
    play.answer(play.listen(SERVICE, OTHER, on="c2"), text="", status=405)
    assert recognised(play) == [("transport_mixed_up", "certain")]


def test_whoever_posts_afterwards_may_be_the_same_program():
    play = Play()
    play.answer(play.listen(SERVICE, OTHER, on="c2"), text="", status=405)
    play.answer(play.post(SERVICE, initialize()), initialized())
    assert recognised(play) == [("transport_mixed_up", "possible")]


def test_a_look_at_the_servers_health_is_no_client():
    play = Play()
    play.answer(play.post(MCP, initialize()), initialized())
    probe = {"User-Agent": "kube-probe/1.29", "mcp-protocol-version": "2025-06-18"}
    play.answer(play.request("GET", MCP, headers=probe, on="c2"), text="", status=405)
    assert recognised(play) == []


def test_a_client_that_only_looks_first():
    play = Play()
    play.answer(play.listen(MCP), text="", status=405)
    Streamable(play, "1f")
    assert recognised(play) == []


def test_a_stream_that_a_server_does_not_offer():
    play = Play()
    session = Streamable(play, "1f")
    play.answer(play.listen(MCP, session.headers), text="", status=405)
    play.answer(session.post(call(1, "ping")), result(1))
    assert recognised(play) == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_client_that_is_not_let_in(status: int):
    play = Play()
    play.answer(play.post(SSE, initialize()), {"error": "invalid_token"}, status=status)
    assert recognised(play) == []
