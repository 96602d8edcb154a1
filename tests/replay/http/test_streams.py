"""Streams: what is put in comes out, once and in order, whoever reads and however time passes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiretape.recorder.wire.sse import EventStream, ServerSentEvent
from wiretape.replay.clock import Clock
from wiretape.replay.http.messages import LostError
from wiretape.replay.http.streams import COMMENT, Pace, Stream, split


def play[Result](part: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    return asyncio.run(asyncio.wait_for(part(), 5))


def clock() -> Clock:
    return Clock(1000, rate=0)


def parsed(chunk: bytes) -> ServerSentEvent:
    (event,) = EventStream(10_000).feed(chunk)
    return event


async def settled(waits: "asyncio.Future[bytes]") -> bool:
    """Tell whether something came, when everything that can happen has happened."""
    for _ in range(20):
        await asyncio.sleep(0)
    return waits.done()


async def told(chunks: AsyncIterator[bytes], number: int) -> list[bytes | None]:
    return [parsed(await anext(chunks)).data for _ in range(number)]


class _Gone:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


@given(st.data())
def test_who_comes_back_with_the_last_id_misses_nothing(data: st.DataObject) -> None:
    async def part() -> None:
        stream = Stream(clock(), Pace(), name="7", primes=data.draw(st.booleans()))
        sent: list[bytes] = []
        heard: list[bytes] = []
        chunks, last, on_its_way = stream.chunks(), 0, 0
        for step in data.draw(st.lists(st.sampled_from(["say", "hear", "lose", "come back"]))):
            match step:
                case "say":
                    sent.append(b"%d" % len(sent))
                    stream.send(sent[-1])
                case "hear" | "lose":
                    if len(heard) + on_its_way < len(sent):
                        event = parsed(await anext(chunks))
                        if not event.data:
                            event = parsed(await anext(chunks))
                        if step == "lose" or on_its_way:
                            on_its_way += 1  # and nothing after it arrives either
                            continue
                        heard.append(event.data or b"")
                        last = int((event.id or b"").rpartition(b"-")[2])
                case _:
                    chunks, on_its_way = stream.after(last), 0
        chunks = stream.after(last)
        stream.end()
        heard += [parsed(chunk).data or b"" async for chunk in chunks]
        assert heard == sent

    play(part)


def test_of_two_readers_the_later_hears_what_comes() -> None:
    async def part() -> None:
        gone = _Gone()
        stream = Stream(clock(), Pace(), gone)
        first = stream.chunks()
        waits = asyncio.ensure_future(anext(first))
        assert not await settled(waits)
        assert stream.is_read
        second = stream.chunks()
        later = asyncio.ensure_future(anext(second))
        with pytest.raises(StopAsyncIteration):
            await waits
        stream.send(b"x")
        assert parsed(await later).data == b"x"
        assert (stream.is_read, gone.times) == (True, 0)
        await second.aclose()  # type: ignore[attr-defined]  # a generator
        assert (stream.is_read, gone.times) == (False, 1)

    play(part)


def test_a_reader_is_told_first_where_it_is_and_when_to_come_back() -> None:
    async def part() -> None:
        stream = Stream(clock(), Pace(retry=500), name="3", primes=True)
        stream.send(b"x")
        chunks = stream.chunks()
        assert await anext(chunks) == b"id: 3-1\nretry: 500\ndata: \n\n"
        assert await anext(chunks) == b"id: 3-2\nevent: message\ndata: x\n\n"
        again = stream.after(1)
        assert await anext(again) == b"retry: 500\n\n"
        assert await anext(again) == b"id: 3-2\nevent: message\ndata: x\n\n"

    play(part)


def test_what_is_due_later_comes_when_it_is_due_unless_it_is_withdrawn() -> None:
    async def part() -> None:
        time = clock()
        stream = Stream(time, Pace())
        stream.send(b"later", late=10, about=1)
        stream.send(b"never", late=5, about=2)
        stream.send(b"as late", late=10, about=1)
        stream.send(b"now")
        stream.finish()
        stream.withdraw(2)
        chunks = stream.chunks()
        assert await told(chunks, 1) == [b"now"]
        waits = asyncio.ensure_future(anext(chunks))
        time.advance(9)
        assert not await settled(waits)
        time.advance(1)
        assert parsed(await waits).data == b"later"
        assert [parsed(chunk).data async for chunk in chunks] == [b"as late"]

    play(part)


@pytest.mark.parametrize(
    ("pace", "signs"),
    [
        (Pace(keepalive=30, age=100), 3),
        (Pace(keepalive=30, silence=60, age=200), 6),
        (Pace(keepalive=90, silence=60), 0),
        (Pace(silence=60), 0),
    ],
)
def test_a_stream_is_cut_at_its_age_or_when_it_is_silent(pace: Pace, signs: int) -> None:
    async def part() -> None:
        time = clock()
        stream = Stream(time, pace)
        heard = asyncio.ensure_future(_all(stream.chunks()))
        for _ in range(50):
            time.advance(10)
            await asyncio.sleep(0.001)
        assert await heard == [COMMENT] * signs

    play(part)


def test_one_that_breaks_does_not_end_well() -> None:
    async def part() -> None:
        time = clock()
        stream = Stream(time, Pace(age=10, breaks=True))
        heard = asyncio.ensure_future(_all(stream.chunks()))
        await asyncio.sleep(0)
        time.advance(10)
        with pytest.raises(LostError):
            await heard

    play(part)


@pytest.mark.parametrize("id_", ["", "7", "7-", "-", "7-x", "7--", "7-" + "9" * 5000])
def test_there_are_ids_that_nobody_gave(id_: str) -> None:
    assert split(id_) is None


def test_ids_tell_the_stream() -> None:
    assert split("a-b-12") == ("a-b", 12)


async def _all(chunks: AsyncIterator[bytes]) -> list[bytes]:
    return [chunk async for chunk in chunks]
