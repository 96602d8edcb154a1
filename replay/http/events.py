"""Streams of server-sent events on their way to a client, event by event."""

import asyncio
import re
from collections.abc import AsyncIterator

from wiretape.replay.clock import Clock
from wiretape.replay.http.messages import Chunks

_END = re.compile(rb"(?:\r\n|\n|\r(?!\n)){2}")


async def events(chunks: Chunks) -> Chunks:
    """Give each event, or comment, with the blank line that ends it; a rest comes last.

    What ends in CR is not held back to see whether LF follows, which then comes by itself.
    """
    read, after_cr = b"", False
    async for chunk in chunks:
        read += chunk
        if after_cr and read.startswith(b"\n"):
            yield b"\n"
            read = read[1:]
        while found := _END.search(read):
            yield read[: found.end()]
            read = read[found.end() :]
            after_cr = found[0].endswith(b"\r")
        after_cr = after_cr and not read
    if read:
        yield read


def is_comment(event: bytes) -> bool:
    """Tell whether nothing but comments is there, as in a keep-alive."""
    return all(line.startswith(b":") for line in event.splitlines() if line)


async def with_silences(
    chunks: Chunks, clock: Clock, seconds: float
) -> AsyncIterator[bytes | None]:
    """Give the chunks, and None where so many seconds of the clock passed without one."""
    following = asyncio.ensure_future(anext(chunks, None))
    try:
        while True:
            silence = asyncio.ensure_future(clock.until(clock.now() + seconds))
            try:
                await asyncio.wait({following, silence}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                silence.cancel()
            if not following.done():
                yield None
                continue
            chunk = following.result()
            if chunk is None:
                return
            following = asyncio.ensure_future(anext(chunks, None))
            yield chunk
    finally:
        following.cancel()
        await asyncio.wait({following})  # whoever closes the chunks finds that nobody reads them
