"""What passes while more is still to come: nothing waits, nothing piles up."""

import asyncio
import gzip
import hashlib
import zlib

import pytest

from loopback import Ask, Direct, Message, Origin, Recorder, Told, Turn, Way, answer, talk
from loopback.http1 import read_response
from loopback.wire import chunk, chunked, event, response, stream_head
from wiretape.recorder.log.records import Event, Request

MEGABYTE = 1 << 20
EVENTS = [event(b'{"number": %d, "text": "\xe2\x82\xac"}' % number) for number in range(5)]


def told(ask: Ask, origin: Origin, way: Way) -> Told:
    async def play() -> Told:
        async with origin:
            return await talk(ask, origin, way)

    return asyncio.run(play())


async def digested(reader: asyncio.StreamReader, size: int) -> str:
    """Read so many bytes and digest them."""
    digest = hashlib.sha256()
    while size:
        piece = await reader.read(min(size, MEGABYTE))
        assert piece, f"{size} bytes are missing"
        digest.update(piece)
        size -= len(piece)
    return digest.hexdigest()


def recorded_events(recorder: Recorder, url: str) -> list[Event]:
    """Give the events that are recorded at this moment."""
    recorder.follow()
    records = [line.record for line in recorder.lines]
    numbers = {each.exchange for each in records if isinstance(each, Request) and each.url == url}
    return [each for each in records if isinstance(each, Event) and each.exchange in numbers]


def test_an_event_is_with_the_client_at_once_and_in_the_file_while_the_stream_is_open(
    recorder: Recorder,
) -> None:
    """It is in the file before the recorder looks at what comes next."""

    async def script(turn: Turn) -> None:
        size = 0
        await turn.send(stream_head())
        for number, part in enumerate(EVENTS):
            await turn.send(chunk(part))
            size += len(part)
            await turn.client.reached(size)
            assert len(recorded_events(recorder, f"{origin.url}/open")) >= number
        recorder.until(lambda: recorded_events(recorder, f"{origin.url}/open")[len(EVENTS) - 1 :])
        await turn.send(chunk(b""))

    origin = Origin(script)
    told(Ask(path=b"/open"), origin, recorder.way)


def test_every_byte_goes_on_at_once(recorder: Recorder) -> None:
    async def script(turn: Turn) -> None:
        await turn.send(stream_head())
        for size, byte in enumerate(EVENTS[0], start=1):
            await turn.send(chunk(bytes([byte])))
            await turn.client.reached(size)
        await turn.send(chunk(b""))

    assert told(Ask(path=b"/trickle"), Origin(script), recorder.way).response.body == EVENTS[0]


def test_an_encoded_event_is_in_the_file_while_the_stream_is_open(recorder: Recorder) -> None:
    async def script(turn: Turn) -> None:
        gzipped, size = zlib.compressobj(wbits=31), 0
        await turn.send(stream_head(b"Content-Encoding: gzip"))
        for number, part in enumerate(EVENTS, start=1):
            data = gzipped.compress(part) + gzipped.flush(zlib.Z_SYNC_FLUSH)
            await turn.send(chunk(data))
            size += len(data)
            await turn.client.reached(size)
            assert len(recorded_events(recorder, f"{origin.url}/gzip")) >= number - 1
        await turn.send(chunked(gzipped.flush()))

    origin = Origin(script)
    answered = told(Ask(path=b"/gzip"), origin, recorder.way)
    assert gzip.decompress(answered.response.body) == b"".join(EVENTS)
    assert answered.response.ending == "chunked"


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_an_answer_before_the_request_is_complete_goes_on(framing: str, recorder: Recorder) -> None:
    """The client sends the rest of its request only when it has heard all of the answer."""
    refusal = response(b"too large", status=b"413 Content Too Large")
    if framing == "chunks":
        refusal = stream_head(kind=b"text/plain") + chunked(b"too large")

    async def script(turn: Turn) -> None:
        await turn.send(refusal)
        await turn.read()

    async def play(way: Way) -> tuple[Message, bytes]:
        async with Origin(script) as origin:
            ask = Ask(b"POST", b"/early", ((b"Content-Length", b"10"),))
            reader, writer = await way.connect(origin)
            writer.write(ask.head(origin.authority, way.target(origin, ask.path)) + b"half ")
            async with asyncio.timeout(20):
                answered = await read_response(reader, ask.method, origin.client.grow)
                writer.write(b"whole")
                await origin.closed()
            writer.close()
            urls.append(f"{origin.url}/early")
            return answered, origin.turns[0].request.body

    urls: list[str] = []
    direct = asyncio.run(play(Direct()))
    assert asyncio.run(play(recorder.way)) == direct
    exchange = recorder.exchange(urls[-1])
    assert exchange.request.body
    assert exchange.request.body.data() == b"half whole"
    assert exchange.response
    assert exchange.response.body
    assert exchange.response.body.data() == b"too large"


def test_100_megabytes_pass_both_ways_and_memory_stays_flat(recorder: Recorder) -> None:
    """All are counted, the beginning is recorded."""
    block, blocks = bytes(range(256)) * (MEGABYTE // 256), 100
    size, digest = blocks * MEGABYTE, hashlib.sha256(block * blocks).hexdigest()

    async def script(turn: Turn) -> None:
        received.append(await digested(turn.reader, size))
        turn.writer.write(response(b"", b"Content-Length: %d" % size, length=False))
        for _ in range(blocks):
            turn.writer.write(block)
            await turn.writer.drain()

    async def play() -> str:
        async with Origin(script) as origin, asyncio.timeout(100):
            way = recorder.way
            reader, writer = await way.connect(origin)
            ask = Ask(b"POST", b"/large", ((b"Content-Length", b"%d" % size),))
            writer.write(ask.head(origin.authority, way.target(origin, ask.path)))
            for _ in range(blocks):
                writer.write(block)
                await writer.drain()
            await reader.readuntil(b"\r\n\r\n")
            received.append(await digested(reader, size))
            writer.close()
            return f"{origin.url}/large"

    received: list[str] = []
    before = recorder.resident()
    recorder.forget_peak()
    exchange = recorder.exchange(asyncio.run(play()))
    grown = recorder.peak() - before
    assert received == [digest, digest]
    assert exchange.response
    for body in (exchange.request.body, exchange.response.body):
        assert body
        assert body.size == size
        assert body.cut
        assert body.data() == block
    assert grown < 40, f"grew by {grown:.0f} MiB"


def test_a_client_that_does_not_read_holds_back_the_server_and_memory_stays_flat(
    recorder: Recorder,
) -> None:
    block, blocks = bytes(MEGABYTE), 100
    sent = 0

    async def script(turn: Turn) -> None:
        nonlocal sent
        turn.writer.write(response(b"", b"Content-Length: %d" % len(block * blocks), length=False))
        for _ in range(blocks):
            turn.writer.write(block)
            await turn.writer.drain()
            sent += len(block)

    async def play() -> None:
        async with Origin(script) as origin, asyncio.timeout(100):
            reader, writer = await recorder.way.connect(origin)
            writer.write(Ask().head(origin.authority, recorder.way.target(origin, b"/slow")))
            await reader.readuntil(b"\r\n\r\n")
            before = -1
            while sent != before:  # until nothing moves any more
                before = sent
                await asyncio.sleep(0.5)
            assert sent < len(block) * blocks
            zeros = hashlib.sha256(block * blocks).hexdigest()
            assert await digested(reader, len(block) * blocks) == zeros
            writer.close()

    before = recorder.resident()
    recorder.forget_peak()
    asyncio.run(play())
    assert recorder.peak() - before < 40


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
def test_a_bomb_passes_and_nothing_waits_for_it(kind: str, recorder: Recorder) -> None:
    """A megabyte that would decode to a gigabyte, in which case it would take half a minute."""
    bomb = gzip.compress(bytes(MEGABYTE)) * 1000
    headers = (b"Content-Type: " + kind.encode(), b"Content-Encoding: gzip")
    path = b"/bomb/" + kind.encode()

    async def play() -> tuple[bytes, str]:
        async with Origin(answer(response(bomb, *headers))) as origin:
            told = await talk(Ask(path=path), origin, recorder.way)
            return told.response.body, origin.url + path.decode()

    before = recorder.resident()
    recorder.forget_peak()
    used = recorder.processor_time()
    body, url = asyncio.run(play())
    exchange = recorder.exchange(url)
    assert body == bomb
    assert recorder.peak() - before < 40
    assert recorder.processor_time() - used < 5
    assert exchange.response
    assert exchange.response.stream or (exchange.response.body and exchange.response.body.cut)
