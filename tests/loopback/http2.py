"""HTTP/2 over TLS, from both sides: streams that a test reads and writes piece by piece."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Self

import h2.events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import StreamClosedError
from h2.settings import SettingCodes

from loopback.asking import Server, Way
from loopback.http1 import PIECE, Headers

WINDOW = 1 << 24

type Handle = Callable[["Stream"], Awaitable[None]]


class Stream:
    """One side's view of a stream: what the other side sent, and a way to send.

    `ending` is None until the other side has ended: `end`, or `reset` with the code of its error.
    """

    def __init__(self, connection: "Connection", number: int) -> None:
        self.headers: Headers = ()
        self.body = bytearray()
        self.trailers: Headers = ()
        self.ending: str | None = None
        self._connection = connection
        self._number = number

    async def ended(self) -> Self:
        """Wait until the other side has ended."""
        await self._connection.until(lambda: self.ending is not None)
        return self

    async def received(self, size: int) -> None:
        """Wait until so many bytes of the body are here."""
        await self._connection.until(lambda: len(self.body) >= size or self.ending is not None)
        assert len(self.body) >= size, self.ending

    async def send(self, headers: Headers, *parts: bytes, end: bool = True) -> None:
        """Send a head and a body."""
        state = self._connection.state
        state.send_headers(self._number, headers, end_stream=end and not parts)
        self._connection.flush()
        for index, part in enumerate(parts, 1):
            await self.data(part, end=end and index == len(parts))

    async def data(self, part: bytes, *, end: bool = False) -> None:
        """Send a part of the body, as fast as the other side takes it."""
        state, rest = self._connection.state, memoryview(part)
        while rest:
            await self._connection.until(lambda: self._room() > 0)
            size = min(self._room(), len(rest))
            state.send_data(self._number, bytes(rest[:size]))
            rest = rest[size:]
            self._connection.flush()
        if end:
            state.end_stream(self._number)
            self._connection.flush()

    def end_with(self, trailers: Headers) -> None:
        """Send trailers, which end the stream."""
        self._connection.state.send_headers(self._number, trailers, end_stream=True)
        self._connection.flush()

    def reset(self, code: ErrorCodes) -> None:
        """Break the stream off."""
        self._connection.state.reset_stream(self._number, code)
        self._connection.flush()

    def _room(self) -> int:
        state = self._connection.state
        window = state.local_flow_control_window(self._number)
        return min(window, state.max_outbound_frame_size)


class Connection:
    """A connection, of the client without a `handle`, of the server with one."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        handle: Handle | None = None,
    ) -> None:
        config = H2Configuration(
            client_side=handle is None,
            header_encoding=None,
            normalize_inbound_headers=False,
            normalize_outbound_headers=False,
        )
        self.state = H2Connection(config)
        self.state.initiate_connection()
        self.state.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: WINDOW})
        self.state.increment_flow_control_window(WINDOW)
        self._reader = reader
        self._writer = writer
        self._handle = handle
        self._streams: dict[int, Stream] = {}
        self._handling: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._closed = False
        self.flush()
        self._listening = asyncio.create_task(self._listen())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        self._writer.close()
        with suppress(OSError, ssl.SSLError):
            await self._listening

    async def ask(self, headers: Headers, *body: bytes) -> Stream:
        """Send a request; give the stream on which the answer comes."""
        number = self.state.get_next_available_stream_id()
        stream = self._streams[number] = Stream(self, number)
        await stream.send(headers, *body)
        return stream

    async def until(self, ready: Callable[[], bool]) -> None:
        """Wait until something that the other side sends makes this true."""
        while not ready():
            assert not self._closed, "the connection was closed"
            self._changed.clear()
            await self._changed.wait()

    def flush(self) -> None:
        """Send what is to be sent."""
        if not self._writer.is_closing():
            self._writer.write(self.state.data_to_send())

    async def _listen(self) -> None:
        try:
            while data := await self._reader.read(PIECE):
                for event in self.state.receive_data(data):
                    self._take(event)
                self.flush()
                self._changed.set()
        except OSError:
            pass  # as good as an end
        finally:
            self._closed = True
            self._changed.set()
            self._writer.close()

    def _take(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.RequestReceived():
                stream = self._streams[event.stream_id] = Stream(self, event.stream_id)
                stream.headers = _pairs(event.headers)
                assert self._handle
                task = asyncio.ensure_future(self._handled(stream))
                self._handling.add(task)
                task.add_done_callback(self._handling.discard)
            case h2.events.ResponseReceived():
                self._streams[event.stream_id].headers = _pairs(event.headers)
            case h2.events.DataReceived():
                self._streams[event.stream_id].body += event.data
                with suppress(StreamClosedError):
                    self.state.acknowledge_received_data(
                        event.flow_controlled_length, event.stream_id
                    )
            case h2.events.TrailersReceived():
                self._streams[event.stream_id].trailers = _pairs(event.headers)
            case h2.events.StreamEnded():
                self._streams[event.stream_id].ending = "end"
            case h2.events.StreamReset():
                self._streams[event.stream_id].ending = f"reset {int(event.error_code)}"

    async def _handled(self, stream: Stream) -> None:
        assert self._handle
        await self._handle(stream)


class Origin2:
    """An HTTP/2 server on loopback whose `handle` answers each stream."""

    def __init__(self, handle: Handle, tls: ssl.SSLContext) -> None:
        tls.set_alpn_protocols(["h2"])
        self.tls: ssl.SSLContext | None = tls
        self.port = 0
        self._handle = handle
        self._connections: list[Connection] = []

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"https://{self.authority}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.close()
        for connection in self._connections:
            await connection.__aexit__()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.append(Connection(reader, writer, self._handle))


async def connect(origin: Server, way: Way) -> Connection:
    """Connect to an origin; both must agree on HTTP/2."""
    reader, writer = await way.connect(origin)
    assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
    return Connection(reader, writer)


def request(
    origin: Server, path: bytes, *headers: tuple[bytes, bytes], method: bytes = b"GET"
) -> Headers:
    """Give the head of a request."""
    return (
        (b":method", method),
        (b":scheme", b"https"),
        (b":authority", origin.authority.encode()),
        (b":path", path),
        *headers,
    )


def _pairs(headers: object) -> Headers:
    """Give headers; the order of those that HTTP/2 made up says nothing."""
    assert isinstance(headers, list)
    pairs = [(bytes(name), bytes(value)) for name, value in headers]
    made_up = sorted(pair for pair in pairs if pair[0].startswith(b":"))
    return (*made_up, *(pair for pair in pairs if not pair[0].startswith(b":")))
