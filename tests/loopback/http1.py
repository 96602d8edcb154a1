"""HTTP/1.1 messages as they are on the wire, read without judging them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

type Headers = tuple[tuple[bytes, bytes], ...]
type Ending = Literal["none", "length", "chunked", "close", "cut"]

PIECE = 65536


@dataclass(frozen=True)
class Message:
    """A request or a response: its first line, its raw headers, its body without the chunks.

    `ending` is what ended the body: nothing (there is none), its length, the last chunk, the end
    of the connection, or a connection that ended too soon. `interim` are the 1xx responses before.
    """

    first_line: bytes
    headers: Headers
    body: bytes = b""
    ending: Ending = "none"
    trailers: Headers = ()
    interim: tuple["Message", ...] = ()

    @property
    def status(self) -> int:
        return int(self.first_line.split(b" ")[1])

    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass
class Growing:
    """A body as it comes in; `grown` is called with what came."""

    grown: Callable[[bytes], None] = lambda piece: None
    pieces: list[bytes] = field(default_factory=list)

    def add(self, piece: bytes) -> None:
        self.pieces.append(piece)
        self.grown(piece)


async def read_response(
    reader: asyncio.StreamReader, method: bytes, grown: Callable[[bytes], None]
) -> Message:
    """Read a response and the interim ones before it."""
    interim: list[Message] = []
    while 100 <= (head := await read_head(reader)).status < 200:
        interim.append(head)
    head = replace(head, interim=tuple(interim))
    if method == b"HEAD" or head.status in (204, 304):
        return head
    return await read_body(reader, head, grown, otherwise="close")


async def read_head(reader: asyncio.StreamReader) -> Message:
    """Read the first line and the headers."""
    first_line = await reader.readuntil(b"\r\n")
    return Message(first_line.removesuffix(b"\r\n"), await read_headers(reader))


async def read_headers(reader: asyncio.StreamReader) -> Headers:
    """Read headers to the empty line after them; values without the white space around them."""
    headers: list[tuple[bytes, bytes]] = []
    while (line := await reader.readuntil(b"\r\n")) != b"\r\n":
        name, _, value = line.partition(b":")
        headers.append((name, value.strip()))
    return tuple(headers)


async def read_body(
    reader: asyncio.StreamReader,
    head: Message,
    grown: Callable[[bytes], None] = lambda piece: None,
    *,
    otherwise: Ending = "none",
) -> Message:
    """Read the body; `otherwise` is how one ends that has neither a length nor chunks."""
    growing = Growing(grown)
    ending, trailers = otherwise, Headers.__value__()
    length = head.header(b"content-length")
    try:
        if (head.header(b"transfer-encoding") or b"").lower() == b"chunked":
            ending = "chunked"
            while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
                await _read_exactly(reader, size, growing)
                if await reader.readexactly(2) != b"\r\n":
                    raise AssertionError("a chunk is longer than it says")
            trailers = await read_headers(reader)
        elif length is not None:
            ending = "length"
            await _read_exactly(reader, int(length), growing)
        elif otherwise == "close":
            while piece := await reader.read(PIECE):
                growing.add(piece)
    except (asyncio.IncompleteReadError, ConnectionError):
        ending = "cut"
    return replace(head, body=b"".join(growing.pieces), ending=ending, trailers=trailers)


async def _read_exactly(reader: asyncio.StreamReader, size: int, growing: Growing) -> None:
    while size:
        piece = await reader.read(min(size, PIECE))
        if not piece:
            raise asyncio.IncompleteReadError(b"", size)
        growing.add(piece)
        size -= len(piece)
