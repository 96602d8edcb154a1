"""What is wrong with event streams themselves, byte for byte."""

import json

import httpx
import pytest

from misbehaving import SSE, STREAMABLE, Client, Events, client, waits_for
from wiretape.recorder.wire.sse import EventStream

ALL = (
    "stream-terminated",
    "stream-stalled",
    "keepalive-missing",
    "proxy-idle-timeout",
    "duplicate-event-ids",
    "odd-chunks",
    "line-ends",
)


def answered(a: Client, events: Events, url: str, number: int) -> bytes:
    assert events.say(url, "ping", number).status_code == 202
    return events.next()


def is_gone(a: Client) -> bool:
    return not a.service.do(lambda at: at.service.world.sessions.open)


@pytest.mark.parametrize("fault", ALL)
def test_another_stream_is_as_ever(fault: str) -> None:
    with client(SSE) as a:
        with a.stream() as events:
            usual = answered(a, events, events.open(), 1)
        a.service.arm(f"{fault}:nth=2")
        with a.stream() as events:
            assert answered(a, events, events.open(), 1) == usual
        assert a.service.journal[-2].faults == []
        with a.stream() as events:
            waits_for(lambda: a.service.journal[-1].faults == [fault])
        a.service.disarm()
        with a.stream() as events:
            assert answered(a, events, events.open(), 1) == usual


def test_a_stream_breaks_off_after_an_event() -> None:
    with client(SSE, "stream-terminated:after=2") as a, a.stream() as events:
        url = events.open()
        assert answered(a, events, url, 1).endswith(b"}\n\n")
        with pytest.raises(httpx.RemoteProtocolError):
            events.next()
        assert events.read == b""
        waits_for(lambda: is_gone(a))
        assert events.say(url, "ping", 2).status_code == 404


def test_the_stream_of_an_answer_breaks_off() -> None:
    faults = ("unknown-notification", "stream-terminated:method=ping")
    with client(STREAMABLE, *faults) as a:
        a.begin()
        with a.http.stream("POST", a.service.url, json=call(1), headers=a.headers) as response:
            events = Events(a, response)
            assert b"notifications/" in events.next()
            with pytest.raises(httpx.RemoteProtocolError):
                events.next()
            assert events.read == b""


def test_a_stream_is_stalled() -> None:
    with client(SSE, "stream-stalled:after=1") as a, a.stream(hears=1) as events:
        url = events.open()
        events.say(url, "ping", 1)
        a.service.clock.advance(31)  # keep-alives are due every 30
        with pytest.raises(httpx.ReadTimeout):
            events.next()
        assert events.read == b""


def test_there_are_no_keep_alives() -> None:
    with client(SSE) as a:
        with a.stream() as events:
            events.open()
            advance(a, 31)
            assert events.next().startswith(b":")
        a.service.arm("keepalive-missing")
        with a.stream() as events:
            url = events.open()
            advance(a, 31)
            assert answered(a, events, url, 1).startswith(b"event: message")


def test_a_proxy_ends_what_is_idle() -> None:
    with client(SSE, "proxy-idle-timeout:seconds=20") as a, a.stream() as events:
        url = events.open()
        advance(a, 19)
        answered(a, events, url, 1)
        advance(a, 19)
        answered(a, events, url, 2)
        advance(a, 20)
        with pytest.raises(httpx.RemoteProtocolError):
            events.next()
        waits_for(lambda: is_gone(a))


def test_keep_alives_are_not_idle() -> None:
    with client(SSE, "proxy-idle-timeout:seconds=40") as a, a.stream() as events:
        url = events.open()
        for _ in range(3):
            advance(a, 30)
            assert events.next().startswith(b":")
        assert answered(a, events, url, 1).startswith(b"event: message")


def test_a_proxy_cuts_what_has_no_keep_alives() -> None:
    faults = ("keepalive-missing", "proxy-idle-timeout:seconds=40")
    with client(SSE, *faults) as a, a.stream() as events:
        events.open()
        advance(a, 30)
        advance(a, 10)
        with pytest.raises(httpx.RemoteProtocolError):
            events.next()


def test_all_events_have_one_id() -> None:
    with client(SSE, "duplicate-event-ids:id=7") as a, a.stream() as events:
        first = events.next()
        assert first.startswith(b"id: 7\nevent: endpoint\ndata: ")
        url = str(httpx.URL(a.service.url).join(first.split(b"data: ")[1].split()[0].decode()))
        assert answered(a, events, url, 1).startswith(b"id: 7\nevent: message\ndata: ")


def test_pieces_are_odd_and_make_the_same_events() -> None:
    with client(SSE) as a:
        with a.stream() as events:
            usual = answered(a, events, events.open(), 1)
        a.service.arm("odd-chunks:most=5,seed=3")
        with a.stream() as events:
            pieces: list[bytes] = []
            while b"\n\n" not in b"".join(pieces):
                pieces.append(next(events.chunks))
            assert max(map(len, pieces)) <= 5
            assert len({*map(len, pieces)}) > 1
            path = b"".join(pieces).partition(b"data: ")[2].split()[0].decode()
            url = str(httpx.URL(a.service.url).join(path))
            assert answered(a, events, url, 1) == usual


@pytest.mark.parametrize("ends", ["crlf", "cr", "mixed"])
def test_lines_end_otherwise_and_events_stay_what_they_are(ends: str) -> None:
    reader = EventStream(1_000_000)
    with client(SSE, f"line-ends:ends={ends}") as a, a.stream() as events:
        read = b""
        found = list(reader.feed(b""))
        while not found:
            chunk = next(events.chunks)
            read += chunk
            found += reader.feed(chunk)
        assert found[0].event == b"endpoint"
        url = str(httpx.URL(a.service.url).join((found[0].data or b"").decode()))
        for number in range(1, 21):
            events.say(url, "ping", number)
        while len(found) < 21:
            chunk = next(events.chunks)
            read += chunk
            found += reader.feed(chunk)
        assert [json.loads(each.data or b"")["id"] for each in found[1:]] == [*range(1, 21)]
        used = {
            "crlf": b"\r\n" in read,
            "cr": b"\r" in read.replace(b"\r\n", b""),
            "lf": b"\n" in read.replace(b"\r\n", b""),
        }
        assert used == {name: ends in {name, "mixed"} for name in used}


def call(number: int) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": number, "method": "ping"}


def advance(a: Client, seconds: float) -> None:
    """Move the clock when the stream waits for it."""
    waits_for(lambda: a.service.do(lambda at: bool(at.service.world.clock._waiters)))
    a.service.clock.advance(seconds)
