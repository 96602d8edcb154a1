"""The load and the server of the recorder's benchmark, fast enough not to be what is measured.

Both speak just enough HTTP/1.1 over asyncio's protocols. They run in one process, so that an
event's way from one to the other is timed by one clock.
"""

import asyncio
import json
import time
from dataclasses import dataclass, field

TOKEN = "4f2a9c31d07be65802f1ac77:Qm3xT8vLr2KpZ6wN:b7JdR4yXq9HsV1tGc5MfE0aWnU8zPk3L"
SESSION = "9e107d9d372bb6826bd81d3542a419d6e4d909c290d0fb1ca068ffaddf22cbd0"

_CALL = json.dumps(
    {
        "jsonrpc": "2.0",
        "id": 7,
        "method": "tools/call",
        "params": {
            "name": "searchJiraIssuesUsingJql",
            "arguments": {"jql": "project = DEMO ORDER BY created DESC", "maxResults": 10},
        },
    }
).encode()
_ANSWER = json.dumps(
    {
        "jsonrpc": "2.0",
        "id": 7,
        "result": {
            "content": [{"type": "text", "text": "DEMO-1 The first issue of the project " * 8}],
            "isError": False,
        },
    }
).encode()
_COMMON = (
    b"access-control-allow-origin: *\r\n"
    b"access-control-expose-headers: mcp-session-id\r\n"
    b"atl-request-id: 3f8e2b14-5a6c-4d7e-9f01-2b3c4d5e6f70\r\n"
    b"cache-control: no-cache\r\n"
    b"server: AtlassianEdge\r\n"
    b"strict-transport-security: max-age=63072000; preload\r\n"
    b"vary: Accept-Encoding\r\n"
    b"x-content-type-options: nosniff\r\n"
)
_RESPONSE = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
    b"mcp-session-id: %b\r\n%bcontent-length: %d\r\n\r\n%b"
    % (SESSION.encode(), _COMMON, len(_ANSWER), _ANSWER)
)
_STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n%btransfer-encoding: chunked\r\n\r\n"
    % _COMMON
)


class Server(asyncio.Protocol):
    """Answers a POST with one JSON-RPC result, and a GET with timestamped events."""

    interval = 0.005
    events = 400

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        """Answer every complete request."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            if head.startswith(b"get"):
                self._streaming = asyncio.ensure_future(self._stream())
            else:
                self._transport.write(_RESPONSE)

    async def _stream(self) -> None:
        self._transport.write(_STREAM_HEAD)
        for index in range(self.events):
            message = {"jsonrpc": "2.0", "method": "t", "params": {"i": index, "ns": 0}}
            message["params"] = {"i": index, "ns": time.perf_counter_ns()}
            data = b"event: message\ndata: %b\n\n" % json.dumps(message).encode()
            self._transport.write(b"%x\r\n%b\r\n" % (len(data), data))
            await asyncio.sleep(self.interval)
        self._transport.write(b"0\r\n\r\n")


@dataclass
class Load:
    """What a run of the load saw."""

    requests: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


async def post(target: str, via: tuple[str, int], connections: int, seconds: float) -> Load:
    """Post tool calls for `target` (host:port) to `via`, as a client of a proxy does."""
    request = (
        b"POST http://%b/mcp HTTP/1.1\r\nhost: %b\r\nauthorization: Bearer %b\r\n"
        b"accept: application/json, text/event-stream\r\ncontent-type: application/json\r\n"
        b"mcp-session-id: %b\r\nmcp-protocol-version: 2025-06-18\r\nuser-agent: benchmark\r\n"
        b"content-length: %d\r\n\r\n%b"
        % (target.encode(), target.encode(), TOKEN.encode(), SESSION.encode(), len(_CALL), _CALL)
    )
    load = Load()
    start = time.perf_counter()

    async def one() -> None:
        reader, writer = await asyncio.open_connection(*via)
        while time.perf_counter() - start < seconds:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
            load.requests += 1
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    load.seconds = time.perf_counter() - start
    return load


async def listen(target: str, via: tuple[str, int], streams: int) -> Load:
    """Listen to event streams and note how long, in seconds, every event was on its way."""
    request = b"GET http://%b/sse HTTP/1.1\r\nhost: %b\r\naccept: text/event-stream\r\n\r\n" % (
        target.encode(),
        target.encode(),
    )
    load = Load()

    async def one(stream: int) -> None:
        await asyncio.sleep(stream * Server.interval / streams)  # not all at the same instant
        reader, writer = await asyncio.open_connection(*via)
        writer.write(request)
        while line := await reader.readline():
            if line.startswith(b"data: "):
                sent: int = json.loads(line[6:])["params"]["ns"]
                load.latencies.append((time.perf_counter_ns() - sent) / 1e9)
            elif line == b"0\r\n":
                break
        writer.close()

    await asyncio.gather(*map(one, range(streams)))
    return load
