"""An event stream that is read in the background, so that it can be waited for and left."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import httpx

from wiretape.recorder.wire.coding import CodingError, decoder
from wiretape.recorder.wire.sse import EventStream, ServerSentEvent

_EVENT_BYTES = 1 << 20
_QUEUED = 1000
"""Events that wait to be looked at; a server that sends more has to wait."""


class Reader:
    """Reads the events of a response until it is closed."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self._events: asyncio.Queue[ServerSentEvent | None] = asyncio.Queue(_QUEUED)
        self._pump = asyncio.create_task(self._read())

    async def until(
        self, done: Callable[[ServerSentEvent], bool], seconds: float
    ) -> tuple[ServerSentEvent, ...]:
        """Give the events up to the one that is wanted, or fewer if the stream ends before it, or
        if that takes longer than so many seconds.
        """
        found: list[ServerSentEvent] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while len(found) < _QUEUED and (event := await self._events.get()) is not None:
                    found.append(event)
                    if done(event):
                        break
        return tuple(found)

    async def ended(self, seconds: float) -> None:
        """Wait that long for the server to end the stream."""
        await asyncio.wait([self._pump], timeout=seconds)

    async def close(self) -> None:
        """Leave the stream."""
        self._pump.cancel()
        await asyncio.wait([self._pump])
        await self._response.aclose()

    async def _read(self) -> None:
        stream = EventStream(_EVENT_BYTES)
        with suppress(httpx.HTTPError, CodingError):  # however it ends, it has ended
            decode = decoder(self._response.headers.get("content-encoding"))
            async for chunk in self._response.aiter_raw():
                for piece in decode.feed(chunk):
                    for event in stream.feed(piece):
                        await self._events.put(event)
        await self._events.put(None)
