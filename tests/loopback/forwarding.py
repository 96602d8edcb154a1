"""A forward proxy on loopback that wants a password and remembers what it was asked for."""

import asyncio
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from loopback.http1 import Message, read_head
from loopback.origin import LIMIT


@dataclass
class ForwardProxy:
    """Forwards what comes with the credentials `user:password`, and answers 407 to all else."""

    credentials: str
    asked: list[Message] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://{self.credentials}@127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LIMIT)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = await read_head(reader)
            self.asked.append(head)
            expected = b"Basic " + b64encode(self.credentials.encode())
            if head.header(b"proxy-authorization") == expected:
                await self._forward(head, reader, writer)
            else:
                writer.write(
                    b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                    b'Proxy-Authenticate: Basic realm="proxy"\r\nContent-Length: 0\r\n\r\n'
                )
                await writer.drain()
        writer.close()

    async def _forward(
        self, head: Message, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Open a tunnel, or pass on the one request, in origin-form and without the credentials."""
        method, target, version = head.first_line.split(b" ")
        tunnel = method == b"CONNECT"
        url = urlsplit((b"http://" + target if tunnel else target).decode())
        upstream_reader, upstream_writer = await asyncio.open_connection(url.hostname, url.port)
        if tunnel:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            lines = [b"%b %b %b" % (method, url.path.encode(), version)]
            lines += [
                b"%b: %b" % pair
                for pair in head.headers
                if pair[0].lower() != b"proxy-authorization"
            ]
            upstream_writer.write(b"\r\n".join((*lines, b"", b"")))
        await asyncio.gather(_pump(reader, upstream_writer), _pump(upstream_reader, writer))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()
