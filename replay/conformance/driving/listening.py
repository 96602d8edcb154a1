"""The stream of what a target says by itself, read while a play goes on."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx

from wiretape.recorder.wire.sse import EventStream
from wiretape.replay.conformance.driving.client import Client

_MOST = 1 << 20
_SOON = 2
"""Seconds until something has been heard, or is taken not to come."""


class Heard:
    """What came so far; `status` is the stream's, once it is open."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.status: int | None = None
        self._more = asyncio.Event()

    def take(self, *messages: Any, status: int | None = None) -> None:
        """Take in what has come."""
        self.messages += messages
        self.status = status or self.status
        self._more.set()

    async def until(self, holds: Callable[["Heard"], bool]) -> bool:
        """Wait until something holds; tells whether it came to hold soon."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_SOON):
                while not holds(self):
                    self._more.clear()
                    await self._more.wait()
        return holds(self)


@asynccontextmanager
async def listening(user: Client) -> AsyncIterator[Heard]:
    """Listen while the context lasts, from when the stream is open, if there is any."""
    heard = Heard()
    reading = asyncio.create_task(_read(user, heard))
    try:
        await heard.until(lambda so_far: so_far.status is not None)
        yield heard
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError, httpx.TransportError):
            await reading


async def _read(user: Client, heard: Heard) -> None:
    headers = user.headers | {"accept": "text/event-stream"}
    async with user.http.stream("GET", user.url, headers=headers) as answer:
        heard.take(status=answer.status_code)
        events = EventStream(_MOST)
        async for chunk in answer.aiter_bytes():
            for event in events.feed(chunk):
                if event.data:
                    heard.take(json.loads(event.data))
