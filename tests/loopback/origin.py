"""A server that answers what it is told to, byte by byte."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from loopback.http1 import Message, read_body, read_head

LIMIT = 1 << 24
"""Bytes of one line that the raw ends take."""


class Progress:
    """How many bytes of the body a client has got so far."""

    def __init__(self) -> None:
        self.size = 0
        self._changed = asyncio.Condition()
        self._notifying = set[asyncio.Task[None]]()

    def grow(self, piece: bytes) -> None:
        self.size += len(piece)
        task = asyncio.ensure_future(self._notify())
        self._notifying.add(task)
        task.add_done_callback(self._notifying.discard)

    async def reached(self, size: int) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self.size >= size)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()


class Turn:
    """A request that has come in, of which so far only the head is read."""

    def __init__(
        self,
        head: Message,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        client: Progress,
    ) -> None:
        self.request = head
        self.client = client
        self.keep = False  # the connection, for another request
        self.reader = reader
        self.writer = writer

    async def read(self) -> None:
        """Read the rest of the request."""
        self.request = await read_body(self.reader, self.request)

    async def send(self, data: bytes) -> None:
        """Send these bytes and wait until the other side has taken them, before any other."""
        self.writer.write(data)
        await self.writer.drain()
        while _unread_by_peer(self.writer):  # noqa: ASYNC110 - the kernel sends no event
            await asyncio.sleep(0.0005)

    def reset(self) -> None:
        """End the connection at once, without its orderly end (RST)."""
        self.writer.transport.abort()


type Script = Callable[[Turn], Awaitable[None]]


class Origin:
    """Listens on loopback and plays `script` for every request.

    It then closes the connection, unless the script keeps it.
    """

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self.script = script
        self.turns: list[Turn] = []
        self.client = Progress()
        self.port = 0
        self.tls: ssl.SSLContext | None = tls
        self._serving = set[asyncio.Task[None]]()

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.authority}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", 0, limit=LIMIT, ssl=self.tls
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in self._serving:
            task.cancel()
        if kind is None:
            await self.closed()

    async def reached(self) -> None:
        """Wait until a request has come in."""
        while not self.turns:  # noqa: ASYNC110 - tests only, and only for a moment
            await asyncio.sleep(0.001)

    async def closed(self) -> None:
        """Wait until all connections are; raises what a script raised."""
        for outcome in await asyncio.gather(*self._serving, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving.add(asyncio.ensure_future(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                turn = Turn(await read_head(reader), reader, writer, self.client)
                self.turns.append(turn)
                await self.script(turn)
                if not turn.keep:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # whoever connected left, and what that means is for the test to say
        finally:
            writer.close()


def answer(*parts: bytes) -> Script:
    """Read the request, then send each part after the one before it was taken."""

    async def script(turn: Turn) -> None:
        await turn.read()
        for part in parts:
            await turn.send(part)

    return script


def _unread_by_peer(writer: asyncio.StreamWriter) -> bool:
    """Tell whether bytes wait in the other side's kernel buffer (proc(5), /proc/net/tcp)."""
    ours, theirs = writer.get_extra_info("sockname"), writer.get_extra_info("peername")
    if writer.is_closing():
        return False
    wanted = f" {_address(theirs)} {_address(ours)} "
    for line in Path("/proc/net/tcp").read_text().splitlines():
        if wanted in line:
            return line.split()[4].partition(":")[2] != "00000000"
    return False


def _address(pair: tuple[str, int]) -> str:
    octets = bytes(map(int, pair[0].split(".")))
    return f"{octets[::-1].hex().upper()}:{pair[1]:04X}"
