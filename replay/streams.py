"""A stream of events: a core puts messages in, whoever carries it takes chunks of bytes out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
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
        self._waiting: list[tuple[float, int, bytes]] = []
        self._turn = count()
        self._news = asyncio.Event()
        self._ended = False

    def send(self, data: bytes, event: bytes = b"message", *, late: float = 0) -> None:
        """Put in an event; it comes out `late` seconds later, so that others may overtake it."""
        written = serialised(((b"event", event), (b"data", data))) + b"\n"
        heappush(self._waiting, (self._clock.now() + late, next(self._turn), written))
        self._news.set()

    def end(self) -> None:
        """Let the stream end when everything is taken out; what is late never comes."""
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
            while self._ready():
                yield heappop(self._waiting)[2]
                spoke = self._clock.now()
            if self._ended:
                return
            due = None if self._pace.keepalive is None else spoke + self._pace.keepalive
            late = self._waiting[0][0] if self._waiting else None
            await self._woken([moment for moment in (due, cut, late) if moment is not None])
            now = self._clock.now()
            if cut is not None and now >= cut:
                return
            if due is not None and now >= due and not self._ready():
                yield _COMMENT
                spoke = due

    def _ready(self) -> bool:
        return bool(self._waiting) and self._waiting[0][0] <= self._clock.now()

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
