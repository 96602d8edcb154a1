"""Event streams: what keeps them alive, how long they live, how they die."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from concluded import findings
from play import Play, call, note, result
from players import MCP, SSE, Sse, Streamable
from wiretape.recorder.log.records import Event

RECORDINGS = Path(__file__).parents[3] / "fixtures" / "recordings"


def opened(play: Play) -> int:
    """Begin an HTTP+SSE stream."""
    stream = play.listen(SSE)
    play.stream(stream)
    play.event(stream, event="endpoint", text=f"/v1/sse/message?sessionId={stream:032x}")
    return stream


def with_fields(play: Play, **fields: Any) -> None:
    """Give the last event more fields."""
    event = play.records[-1]
    assert isinstance(event, Event)
    play.records[-1] = replace(event, **fields)


def test_comments_that_come_at_an_interval() -> None:
    play = Play()
    stream = opened(play)
    for _ in range(20):
        play.later(15)
        play.keep_alive(stream)
    play.later(4)
    play.end(stream, "client abort")
    found = findings(play)["stream.sse.keepalive"]
    assert found.low is not None
    assert found.high is not None
    assert found.low < 15 <= found.high < 15.3
    assert found.low > 14.2
    assert found.value == pytest.approx(15, rel=0.02)
    assert found.unit == "s"
    assert found.note == "comments"


def test_an_interval_that_begins_anew_with_each_event() -> None:
    play = Play()
    stream = opened(play)
    for quiet in (25, 12, 45):
        for _ in range(quiet // 10):
            play.later(10)
            play.keep_alive(stream)
        play.later(quiet % 10)
        play.event(stream, note("notifications/message"))
    play.end(stream)
    found = findings(play)["stream.sse.keepalive"]
    assert found.low is not None
    assert found.high is not None
    assert found.low < 10 < found.high


def test_several_streams_narrow_the_interval() -> None:
    play = Play()
    for lived in (119, 61):
        stream = opened(play)
        for _ in range(lived // 30):
            play.later(30)
            play.keep_alive(stream)
        play.later(lived % 30)
        play.end(stream, "client abort")
    found = findings(play)["stream.sse.keepalive"]
    assert found.low == pytest.approx(119 / 4, rel=0.01)
    assert found.high == pytest.approx(61 / 2, rel=0.01)
    assert found.count == 2


def test_streams_that_do_not_agree_on_an_interval() -> None:
    play = Play()
    for interval in (15, 15, 50):
        stream = opened(play)
        for _ in range(10):
            play.later(interval)
            play.keep_alive(stream)
        play.end(stream, "client abort")
    found = findings(play)["stream.sse.keepalive"]
    assert found.value == pytest.approx(15, rel=0.06)
    assert found.high == pytest.approx(50, rel=0.01)
    assert found.note == "comments, not the same on all streams"


def test_the_servers_pings_keep_alive() -> None:
    play = Play()
    session = Sse(play, "a" * 40)
    for number in range(6):
        play.later(20)
        session.hear(call(number, "ping"))
    play.end(session.stream)
    found = findings(play)["stream.sse.keepalive"]
    assert found.note == "pings"
    assert found.low is not None
    assert found.high is not None
    assert found.low < 20 < found.high


def test_a_long_silence_without_keep_alives() -> None:
    play = Play()
    stream = opened(play)
    play.later(75)
    play.end(stream, "client abort")
    found = findings(play)
    assert found["stream.sse.silence"].value == 75
    assert "stream.sse.keepalive" not in found


def test_a_short_stream_says_nothing_of_keep_alives() -> None:
    play = Play()
    play.end(opened(play), "client abort")
    found = findings(play)
    assert {id_ for id_ in found if id_.startswith("stream.")} == {
        "stream.sse.ends",
        "stream.sse.events",
        "stream.sse.event_ids",
        "stream.sse.lifetime",
    }


def test_how_streams_end_and_how_long_they_lived() -> None:
    play = Play()
    for lived, how in ((10, "client abort"), (20, "complete"), (300, "server abort")):
        stream = opened(play)
        play.later(lived)
        play.end(stream, how, "why")  # type: ignore[arg-type]  # names of `End.how`
    opened(play)
    found = findings(play)
    assert found["stream.sse.ends"].value == {
        "client abort": 1,
        "complete": 1,
        "server abort": 1,
        "still open": 1,
    }
    assert found["stream.sse.ends"].note == "server abort: why"
    lifetime = found["stream.sse.lifetime"]
    assert lifetime.value == pytest.approx(20, rel=0.02)
    assert (lifetime.low, lifetime.high) == (
        pytest.approx(10, abs=0.1),
        pytest.approx(300, abs=0.1),
    )
    assert "stream.sse.cut" not in found


@pytest.mark.parametrize(("busy", "after"), [(0, "silence"), (7, "age")])
def test_streams_that_are_all_ended_alike(busy: int, after: str) -> None:
    """A proxy ends what is silent for a minute; another what is a minute old, whatever goes on."""
    play = Play()
    for number in range(4):
        stream = opened(play)
        play.later(busy * number)
        if busy:
            play.event(stream, note("notifications/message"))
        play.later(60 - busy * number)
        play.end(stream, "server abort")
    cut = findings(play)["stream.sse.cut"]
    assert isinstance(cut.value, dict)
    assert cut.value["after"] == after
    assert cut.value["seconds"] == pytest.approx(60, abs=0.2)
    assert cut.value["streams"] == 4
    assert cut.note is not None
    assert "4 of 4" in cut.note


def test_a_client_that_leaves_cuts_nothing() -> None:
    play = Play()
    for _ in range(4):
        stream = opened(play)
        play.later(60)
        play.end(stream, "client abort")
    assert "stream.sse.cut" not in findings(play)


def test_event_ids_retry_and_going_on_after_them() -> None:
    play = Play()
    session = Streamable(play, "s")
    stream = session.hear(note("notifications/message"))
    with_fields(play, id="7", retry="3000")
    play.end(stream, "server abort")
    again = play.listen(MCP, session.headers | {"Last-Event-ID": "7"})
    play.stream(again)
    play.event(again, note("notifications/message"))
    play.end(again)
    found = findings(play)
    assert found["stream.mcp.event_ids"].value is True
    assert found["stream.mcp.retry"].value == 3000
    assert found["stream.mcp.resumed"].value is True


def test_a_stream_that_cannot_be_resumed() -> None:
    play = Play()
    session = Streamable(play, "s")
    play.end(session.hear(note("notifications/message")))
    again = play.listen(MCP, session.headers | {"Last-Event-ID": "7"})
    play.answer(again, status=400)
    found = findings(play)
    assert found["stream.mcp.resumed"].value is False
    assert found["stream.mcp.event_ids"].value is False


def test_streams_that_answer_are_told_apart_from_those_that_listen() -> None:
    play = Play()
    session = Streamable(play, "s")
    post = session.post(call(1, "tools/list"))
    play.stream(post)
    play.event(post, result(1, tools=[]))
    play.end(post)
    found = findings(play)
    assert found["stream.mcp-answers.ends"].value == {"complete": 1}
    assert "stream.mcp.ends" not in found


def test_the_names_of_events() -> None:
    play = Play()
    stream = opened(play)
    play.event(stream, result(1), event=None)
    play.event(stream, text="", event="ping")
    play.end(stream, "client abort")
    assert findings(play)["stream.sse.events"].value == ["endpoint", "message", "ping"]


def test_a_real_recording() -> None:
    found = findings(RECORDINGS / "oauth-sse.jsonl")
    assert found["stream.sse.ends"].value == {"client abort": 1}
    assert found["stream.sse.lifetime"].value == pytest.approx(3.2, abs=0.1)
    assert not [id_ for id_ in found if id_.startswith("stream.mcp")]
