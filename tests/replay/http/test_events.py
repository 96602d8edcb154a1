"""Streams led on event by event, however they are cut into chunks."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from wiretape.recorder.wire.sse import EventStream
from wiretape.replay.http.events import events, is_comment
from wiretape.replay.http.messages import Chunks

LINE = st.sampled_from([b"data: 1", b"event: x", b": keep-alive", b"id: 7", b"data"])
END = st.sampled_from([b"\n", b"\r\n", b"\r"])
EVENT = st.tuples(st.lists(LINE, min_size=1, max_size=3), END).map(
    lambda told: b"".join(line + told[1] for line in told[0]) + told[1]
)


async def taken(chunks: list[bytes]) -> list[bytes]:
    async def given_() -> Chunks:
        for chunk in chunks:
            yield chunk

    return [event async for event in events(given_())]


@given(told=st.lists(EVENT), rest=st.sampled_from([b"", b"data: half"]), data=st.data())
def test_events_come_whole_and_nothing_is_lost(
    told: list[bytes], rest: bytes, data: st.DataObject
) -> None:
    stream = b"".join(told) + rest
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)))))
    ends = zip([0, *cuts], [*cuts, len(stream)], strict=True)
    found = asyncio.run(taken([stream[start:end] for start, end in ends]))
    assert b"".join(found) == stream
    whole = [event.rstrip(b"\r\n") for event in found if event != b"\n"]
    assert whole == [event.rstrip(b"\r\n") for event in [*told, rest] if event]


@given(event=EVENT)
def test_what_is_only_comments_is_no_event(event: bytes) -> None:
    assert is_comment(event) != bool(list(EventStream(1000).feed(event)))
