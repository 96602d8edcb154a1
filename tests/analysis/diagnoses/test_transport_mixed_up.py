import pytest

from play import Play, call, initialize, initialized, result
from players import MCP, SSE, Sse, Streamable
from recognised import recognised

OTHER = {"User-Agent": "other"}


def test_a_client_that_never_falls_back():
    play = Play()
    play.answer(play.post(SSE, initialize()), text="Missing sessionId parameter", status=404)
    assert recognised(play) == [("transport_mixed_up", "likely")]


def test_it_is_certain_where_another_client_gets_the_stream():
    play = Play()
    url = "https://mcp.example.com/v1/events"
    play.answer(play.post(url, initialize(), OTHER), text="no", status=404)
    stream = play.listen(url)
    play.stream(stream)
    play.event(stream, event="endpoint", text="/v1/message?sessionId=1")
    assert recognised(play) == [("transport_mixed_up", "certain")]


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


def test_it_is_certain_where_another_client_posts():
    play = Play()
    url = "https://example.com/service"
    play.answer(play.listen(url, OTHER), text="", status=405)
    play.answer(play.post(url, initialize()), initialized())
    assert recognised(play) == [("transport_mixed_up", "certain")]


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
