"""HTTP/2: the same with and without the recorder, stream by stream."""

import asyncio
import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from h2.errors import ErrorCodes

from loopback import Direct, Recorder, Way, recording
from loopback.http1 import Headers
from loopback.http2 import Handle, Origin2, Stream, connect, request
from loopback.tls import server_side
from loopback.wire import event
from peers.tls import Authority
from wiretape.recorder.log.records import End

OK: Headers = ((b":status", b"200"), (b"content-type", b"application/json"))
SSE: Headers = ((b":status", b"200"), (b"content-type", b"text/event-stream"))
PARTS = [event(b'{"number": %d}' % number) for number in range(5)]


@pytest.fixture(scope="module")
def recorder(
    home: Path, tmp_path_factory: pytest.TempPathFactory, authority: Authority
) -> Iterator[Recorder]:
    out = tmp_path_factory.mktemp("out")
    with recording(home, out, "--upstream-ca", str(authority.ca_file)) as running:
        yield running
    running.recorded()


class Ways:
    """Directly and through the recorder, both speaking HTTP/2."""

    def __init__(self, recorder: Recorder, authority: Authority) -> None:
        trusted = ssl.create_default_context(cafile=authority.ca_file)
        trusted.set_alpn_protocols(["h2", "http/1.1"])
        through = recorder.way
        assert through.trusted
        through.trusted.set_alpn_protocols(["h2", "http/1.1"])
        self.ways: tuple[Way, Way] = (Direct(trusted), through)
        self.recorder = recorder
        self.authority = authority

    def origin(self, handle: Handle) -> Origin2:
        return Origin2(handle, server_side(self.authority))


@pytest.fixture
def ways(recorder: Recorder, authority: Authority) -> Ways:
    return Ways(recorder, authority)


def heard(stream: Stream) -> tuple[object, ...]:
    return stream.headers, bytes(stream.body), stream.trailers, stream.ending


LARGE = tuple((b"x-large-%d" % number, b"v" * 1000) for number in range(58))
ANSWERS: dict[str, tuple[Headers, tuple[bytes, ...], Headers]] = {
    "json": (OK, (b'{"a": 1}',), ()),
    "nothing": (((b":status", b"204"),), (), ()),
    "duplicates": ((*OK, (b"set-cookie", b"a=1"), (b"x-a", b""), (b"set-cookie", b"b=2")), (), ()),
    "parts": (SSE, tuple(PARTS), ()),
    "trailers": (OK, (b"body",), ((b"x-sum", b"1"), (b"x-sum", b"2"))),
    "58 KiB of headers": ((*OK, *LARGE), (b"body",), ()),
    "401": (((b":status", b"401"), (b"www-authenticate", b"Bearer")), (b"{}",), ()),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_any_answer_passes_as_it_is(name: str, ways: Ways) -> None:
    headers, parts, trailers = ANSWERS[name]
    requests: list[tuple[object, ...]] = []
    path = f"/answers/{list(ANSWERS).index(name)}".encode()

    async def handle(stream: Stream) -> None:
        await stream.ended()
        requests.append(heard(stream))
        await stream.send(headers, *parts, end=not trailers)
        if trailers:
            stream.end_with(trailers)

    async def play() -> tuple[list[tuple[object, ...]], str]:
        answers = []
        async with ways.origin(handle) as origin, asyncio.timeout(60):
            for way in ways.ways:
                async with await connect(origin, way) as connection:
                    asked = request(origin, path, (b"x-b", b"1"), (b"x-a", b"2"), method=b"POST")
                    stream = await connection.ask(asked, b"a body", b" in parts")
                    answers.append(heard(await stream.ended()))
            return answers, origin.url + path.decode()

    answers, url = asyncio.run(play())
    assert answers[0] == answers[1]
    assert requests[0] == requests[1]
    exchange = ways.recorder.exchange(url)
    assert exchange.complete
    assert exchange.response
    assert (exchange.request.http, exchange.response.http) == ("HTTP/2.0", "HTTP/2.0")
    assert exchange.request.body
    assert exchange.request.body.data() == b"a body in parts"
    assert len(exchange.events) == (5 if name == "parts" else 0)
    assert [name for name, _ in exchange.response.trailers] == [n.decode() for n, _ in trailers]


def test_many_streams_of_one_connection_are_answered_in_any_order(ways: Ways) -> None:
    """All are asked before any is answered, and the last is answered first."""
    count = 50
    waiting: list[Stream] = []

    async def handle(stream: Stream) -> None:
        waiting.append(stream)
        if len(waiting) == count:
            for each in reversed(waiting):
                path = dict(each.headers)[b":path"]
                await each.send(OK, b'{"path": "%b"}' % path)

    async def play() -> str:
        async with ways.origin(handle) as origin, asyncio.timeout(60):
            async with await connect(origin, ways.ways[1]) as connection:
                requests = [request(origin, b"/many/%d" % number) for number in range(count)]
                streams = [await connection.ask(each) for each in requests]
                for number, stream in enumerate(streams):
                    await stream.ended()
                    assert json.loads(stream.body) == {"path": f"/many/{number}"}
            return origin.url

    url = asyncio.run(play())
    for number in range(count):
        exchange = ways.recorder.exchange(f"{url}/many/{number}")
        assert exchange.complete
        assert exchange.response
        assert exchange.response.body
        assert json.loads(exchange.response.body.data()) == {"path": f"/many/{number}"}


def test_an_event_arrives_while_the_stream_is_open(ways: Ways) -> None:
    heard_by_client = asyncio.Event()

    async def handle(stream: Stream) -> None:
        await stream.send(SSE, end=False)
        for part in PARTS:
            await stream.data(part)
            await heard_by_client.wait()
            heard_by_client.clear()
        await stream.data(b"", end=True)

    async def play() -> str:
        async with ways.origin(handle) as origin, asyncio.timeout(60):
            async with await connect(origin, ways.ways[1]) as connection:
                stream = await connection.ask(request(origin, b"/open"))
                for number in range(1, len(PARTS) + 1):
                    await stream.received(number * len(PARTS[0]))
                    heard_by_client.set()
                await stream.ended()
                assert stream.body == b"".join(PARTS)
            return f"{origin.url}/open"

    exchange = ways.recorder.exchange(asyncio.run(play()))
    assert [each.index for each in exchange.events] == [*range(len(PARTS))]


@pytest.mark.parametrize("side", ["client", "server"])
def test_a_stream_that_is_reset_is_reset_on_the_other_side(side: str, ways: Ways) -> None:
    """The connection and its other streams go on."""
    endings: list[str | None] = []
    reset = asyncio.Event()
    code = ErrorCodes.CANCEL if side == "client" else ErrorCodes.INTERNAL_ERROR

    async def handle(stream: Stream) -> None:
        if dict(stream.headers)[b":path"] == b"/other":
            await stream.send(OK, b"{}")
            return
        await stream.send(SSE, PARTS[0], end=False)
        if side == "server":
            stream.reset(code)
        else:
            stream.ending = None
            await stream.ended()
            endings.append(stream.ending)
            reset.set()

    async def play() -> str:
        async with ways.origin(handle) as origin, asyncio.timeout(60):
            for way in ways.ways:
                async with await connect(origin, way) as connection:
                    stream = await connection.ask(request(origin, f"/reset/{side}".encode()))
                    await stream.received(len(PARTS[0]))
                    if side == "client":
                        stream.reset(code)
                        await reset.wait()
                        reset.clear()
                    else:
                        await stream.ended()
                        endings.append(stream.ending)
                    other = await connection.ask(request(origin, b"/other"))
                    assert (await other.ended()).body == b"{}"
            return f"{origin.url}/reset/{side}"

    exchange = ways.recorder.exchange(asyncio.run(play()))
    assert endings == [f"reset {int(code)}"] * 2
    assert isinstance(exchange.last, End)
    assert exchange.last.how == f"{side} abort"
    assert len(exchange.events) == 1


def test_20_megabytes_pass_both_ways(ways: Ways) -> None:
    block, blocks = bytes(range(256)) * 4096, 20

    async def handle(stream: Stream) -> None:
        await stream.ended()
        await stream.send(OK, *[bytes(stream.body)])

    async def play() -> str:
        async with ways.origin(handle) as origin, asyncio.timeout(60):
            async with await connect(origin, ways.ways[1]) as connection:
                asked = request(origin, b"/large", method=b"POST")
                stream = await connection.ask(asked, *[block] * blocks)
                assert (await stream.ended()).body == block * blocks
            return f"{origin.url}/large"

    exchange = ways.recorder.exchange(asyncio.run(play()))
    for body in (exchange.request.body, exchange.response and exchange.response.body):
        assert body
        assert body.size == len(block) * blocks


def test_a_server_without_http2_is_spoken_to_without(ways: Ways) -> None:
    """TLS agrees with the client on what it agreed on with the server (RFC 7301)."""
    context = server_side(ways.authority)
    context.set_alpn_protocols(["http/1.1"])

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def play() -> list[str | None]:
        chosen = []
        server = await asyncio.start_server(never, "127.0.0.1", 0, ssl=context)
        async with server, asyncio.timeout(60):
            origin = Origin2(lambda stream: asyncio.sleep(0), server_side(ways.authority))
            origin.port = server.sockets[0].getsockname()[1]
            for way in ways.ways:
                _, writer = await way.connect(origin)
                chosen.append(writer.get_extra_info("ssl_object").selected_alpn_protocol())
                writer.close()
        return chosen

    assert asyncio.run(play()) == ["http/1.1", "http/1.1"]
