"""A stream of events: a core puts messages in, whoever carries it takes chunks of bytes out."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from wiretape.recorder.wire.sse import serialised
from wiretape.replay.clock import Clock

_COMMENT = b": keep-alive\n\n"


@dataclass(frozen=True)
class Pace:
    """What a stream does besides its messages; times in seconds.

    `keepalive`: how long it says nothing. `age`: when it is cut off.
    """

    keepalive: float | None = None
    age: float | None = None


class Stream:
    """A mailbox with one reader, in one event loop; `gone` is called when the reader leaves."""

    def __init__(self, clock: Clock, pace: Pace, gone: Callable[[], object] = lambda: None) -> None:
        self._gone = gone
        self._clock = clock
        self._pace = pace
        self._waiting: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._ended = False

    def send(self, data: bytes, event: bytes = b"message") -> None:
        """Put in an event."""
        self._waiting.append(serialised(((b"event", event), (b"data", data))) + b"\n")
        self._news.set()

    def end(self) -> None:
        """Let the stream end when everything is taken out."""
        self._ended = True
        self._news.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Take out what is put in, and keep-alives as time passes."""
        try:
            async for chunk in self._chunks():
                yield chunk
        finally:
            self._gone()

    async def _chunks(self) -> AsyncIterator[bytes]:
        spoke = self._clock.now()
        cut = None if self._pace.age is None else spoke + self._pace.age
        while True:
            while self._waiting:
                yield self._waiting.popleft()
                spoke = self._clock.now()
            if self._ended:
                return
            due = None if self._pace.keepalive is None else spoke + self._pace.keepalive
            await self._woken([moment for moment in (due, cut) if moment is not None])
            now = self._clock.now()
            if cut is not None and now >= cut:
                return
            if due is not None and now >= due and not self._waiting:
                yield _COMMENT
                spoke = due

    async def _woken(self, moments: list[float]) -> None:
        """Wait for news, or for the first of these moments."""
        news = asyncio.ensure_future(self._news.wait())
        waits: set[asyncio.Future[Any]] = {news}
        if moments:
            waits.add(asyncio.ensure_future(self._clock.until(min(moments))))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self._news.clear()
