"""Which route plays which role, and what clients are called."""

from collections.abc import Callable

import pytest

from concluded import concluded, diagnoses, findings
from play import Play, call, failure, initialize
from players import MCP, SSE, Sse, Streamable
from wiretape.analysis.scene import Scene

SDK = {"User-Agent": "node"}
NEWS = "https://news.example.com/events"


def staged(play: Play) -> Scene:
    return concluded(play).scene


def test_a_client_is_called_by_the_initialize_that_was_answered() -> None:
    play = Play()
    play.answer(play.post(SSE, initialize(client="a probe"), SDK), status=404)
    Sse(play, "0f3c", headers=SDK)

    assert staged(play).client("node") == "client 1"


def test_a_client_whose_initialize_nobody_answered_has_a_name_all_the_same() -> None:
    play = Play()
    play.answer(play.post(SSE, initialize(client="a probe"), SDK), status=404)

    assert staged(play).client("node") == "a probe 1"


def test_somebody_elses_event_stream_is_not_mcp() -> None:
    play = Play()
    news = play.listen(NEWS)
    play.stream(news)
    play.event(news, {"headline": "Rain"})
    play.end(news, "server abort")
    play.answer(play.listen(NEWS), status=404)

    assert staged(play).role(NEWS) == "other"
    found = {id_ for id_ in findings(play) if not id_.startswith("errors.")}
    assert found == {"clients.a client without User-Agent"}
    assert diagnoses(play) == []


def _challenged(play: Play) -> None:
    challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    play.answer(play.listen(MCP), status=401, headers=challenge)


def _told_in_json_rpc(play: Play) -> None:
    missing = failure("server-error", -32600, "Bad Request: Missing session ID")
    play.answer(play.listen(MCP), missing, status=400)


def _with_a_revision(play: Play) -> None:
    play.answer(play.listen(MCP, {"Mcp-Protocol-Version": "2025-06-18"}), status=405)


def _posted_to_as_well(play: Play) -> None:
    play.answer(play.listen(MCP), status=405)
    play.answer(play.post(MCP, initialize()), status=401)


def _given_a_session(play: Play) -> None:
    play.answer(play.listen(MCP), status=400, headers={"Mcp-Session-Id": "0f3c"})


@pytest.mark.parametrize(
    "asks",
    [_challenged, _told_in_json_rpc, _with_a_revision, _posted_to_as_well, _given_a_session],
)
def test_a_get_at_an_endpoint_of_mcp(asks: Callable[[Play], None]) -> None:
    play = Play()
    asks(play)

    assert staged(play).role(MCP) == "mcp"


def test_streams_and_messages_of_a_session() -> None:
    play = Play()
    Streamable(play, "0f3c").hear(call(1, "ping"))
    assert staged(play).role(MCP) == "mcp"
    Sse(play, "0f3c")
    assert staged(play).role(SSE) == "sse"
    assert staged(play).role(f"{SSE}/message") == "message"
