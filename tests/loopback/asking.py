"""A client that asks exactly what it is told to, directly or through a proxy."""

import asyncio
import ssl
from dataclasses import dataclass
from typing import Protocol

from loopback.http1 import Headers, Message, read_head, read_response
from loopback.origin import LIMIT, Origin

SECONDS = 60

type Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Ask:
    """A request; `body` is sent as it is, chunks included, part by part."""

    method: bytes = b"GET"
    path: bytes = b"/"
    headers: Headers = ()
    body: tuple[bytes, ...] = ()

    def head(self, authority: str, target: bytes) -> bytes:
        lines = (b"%b: %b" % pair for pair in ((b"Host", authority.encode()), *self.headers))
        return b"\r\n".join((b"%b %b HTTP/1.1" % (self.method, target), *lines, b"", b""))


@dataclass(frozen=True)
class Told:
    """What each side heard of the other: the client the response, the server the request."""

    response: Message
    request: Message


class Server(Protocol):
    """Where a client is to get to."""

    port: int
    tls: ssl.SSLContext | None

    @property
    def authority(self) -> str: ...
    @property
    def url(self) -> str: ...


class Way(Protocol):
    """How a client gets to an origin."""

    async def connect(self, origin: Server) -> Streams:
        """Connect, over TLS if the origin wants it."""
        ...

    def target(self, origin: Server, path: bytes) -> bytes:
        """Give the request target (RFC 9112, section 3.2)."""
        ...


@dataclass(frozen=True)
class Direct:
    """Without a proxy."""

    trusted: ssl.SSLContext | None = None

    async def connect(self, origin: Server) -> Streams:
        tls = self.trusted if origin.tls else None
        return await asyncio.open_connection("127.0.0.1", origin.port, limit=LIMIT, ssl=tls)

    def target(self, origin: Server, path: bytes) -> bytes:
        return path


@dataclass(frozen=True)
class Proxied:
    """Through the proxy on this port of loopback."""

    port: int
    trusted: ssl.SSLContext | None = None

    async def connect(self, origin: Server) -> Streams:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=LIMIT)
        if origin.tls:
            authority = origin.authority.encode()
            writer.write(b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (authority, authority))
            answer = await read_head(reader)
            assert answer.status == 200, answer
            assert self.trusted
            await writer.start_tls(self.trusted, server_hostname="127.0.0.1")
        return reader, writer

    def target(self, origin: Server, path: bytes) -> bytes:
        return path if origin.tls else f"{origin.url}".encode() + path


async def ask(asked: Ask, origin: Origin, way: Way, connection: Streams | None = None) -> Message:
    """Ask and listen until the response has ended, on a connection of its own if none is given."""
    async with asyncio.timeout(SECONDS):
        reader, writer = connection or await way.connect(origin)
        origin.client.size = 0
        writer.write(asked.head(origin.authority, way.target(origin, asked.path)))
        for part in asked.body:
            writer.write(part)
            await writer.drain()
        response = await read_response(reader, asked.method, origin.client.grow)
        if connection is None:
            writer.close()
        return response


async def talk(asked: Ask, origin: Origin, way: Way, connection: Streams | None = None) -> Told:
    """Ask, and tell what both sides heard; the request must have reached the origin."""
    turns = len(origin.turns)
    response = await ask(asked, origin, way, connection)
    return Told(response, origin.turns[turns].request)
