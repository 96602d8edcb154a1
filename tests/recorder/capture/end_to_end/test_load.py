"""Many streams at once, and one that goes on and on: nothing is lost, nothing piles up."""

import asyncio
import hashlib
import json
from pathlib import Path

import pytest

from loopback import Ask, Origin, Recorder, Turn, ask, recording
from loopback.wire import chunk, response, stream_head
from wiretape.recorder.log.reader import read
from wiretape.recorder.log.records import End, Event, Request, Response

STREAMS, EVENTS = 200, 100
MILLION, BATCH = 1_000_000, 1000  # events of the long stream, and how many are sent at once
ROOM = 8  # MiB that memory may vary by


def message(stream: int, number: int) -> bytes:
    text = b'data: {"jsonrpc":"2.0","method":"progress","params":{"stream":%d,"number":%d}}\n\n'
    return text % (stream, number)


def test_200_streams_at_once_lose_nothing(home: Path, tmp_path: Path) -> None:
    """All are open before the first event is sent; then all of them send, in turns."""
    all_open = asyncio.Barrier(STREAMS)

    async def script(turn: Turn) -> None:
        stream = int(turn.request.first_line.split(b" ")[1].removeprefix(b"/"))
        turn.writer.write(stream_head())
        await all_open.wait()
        for number in range(EVENTS):
            turn.writer.write(chunk(message(stream, number)))
            await turn.writer.drain()
            await asyncio.sleep(0)
        turn.writer.write(chunk(b""))

    async def play(recorder: Recorder) -> None:
        async with Origin(script) as origin:
            asked = [Ask(path=b"/%d" % stream) for stream in range(STREAMS)]
            answers = await asyncio.gather(*(ask(each, origin, recorder.way) for each in asked))
        for stream, answer in enumerate(answers):
            assert answer.body == b"".join(message(stream, number) for number in range(EVENTS))

    with recording(home, tmp_path) as recorder:
        asyncio.run(play(recorder))
    exchanges = recorder.recorded()
    assert len(exchanges) == STREAMS
    for exchange in exchanges:
        stream = int(exchange.request.url.rpartition("/")[2])
        said = [json.loads(event.data.data()) for event in exchange.events if event.data]
        assert exchange.complete
        assert [event.index for event in exchange.events] == [*range(EVENTS)]
        assert [each["params"] for each in said] == [
            {"stream": stream, "number": number} for number in range(EVENTS)
        ]


@pytest.mark.timeout(400)
def test_a_million_events_of_one_stream_leave_memory_flat(home: Path, tmp_path: Path) -> None:
    sent, received = hashlib.sha256(), hashlib.sha256()

    async def script(turn: Turn) -> None:
        turn.writer.write(response(b"", b"Content-Type: text/event-stream", length=False))
        for start in range(0, MILLION, BATCH):
            batch = b"".join(message(0, number) for number in range(start, start + BATCH))
            sent.update(batch)
            turn.writer.write(batch)
            await turn.writer.drain()

    async def play(recorder: Recorder) -> list[float]:
        """Take it all; give the recorder's memory after every tenth of it."""
        sizes, seen = [], 0
        async with Origin(script) as origin:
            reader, writer = await recorder.way.connect(origin)
            writer.write(Ask().head(origin.authority, recorder.way.target(origin, b"/")))
            await reader.readuntil(b"\r\n\r\n")
            while line := await reader.readline():
                received.update(line)
                if line.startswith(b"data:"):
                    seen += 1
                    if seen % (MILLION // 10) == 0:
                        sizes.append(recorder.resident())
            writer.close()
        return sizes

    with recording(home, tmp_path) as recorder:
        sizes = asyncio.run(play(recorder))
        recorder.until(lambda: b'"end"' in last_line(recorder.path))
    assert received.digest() == sent.digest()
    assert max(sizes) - min(sizes) < ROOM, sizes

    with read(recorder.path) as reading:
        records = (line.record for line in reading)
        assert isinstance(next(records), Request)
        assert isinstance(next(records), Response)
        for number in range(MILLION):
            event = next(records)
            assert isinstance(event, Event)
            assert event.index == number
            assert event.data
            assert event.data.data().endswith(b'"number":%d}}' % number)
        end = next(records)
        assert isinstance(end, End)
        assert (end.how, end.events) == ("complete", MILLION)
        assert next(records, None) is None


def last_line(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 1000))
        return file.read().splitlines()[-1]
