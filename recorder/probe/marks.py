"""Marks at every point of the probe, so that two recordings can be laid side by side.

A step is marked `probe ID` with the details `begin`, then the label of each of its requests, then
`done` or `failed`; a step that does not run has one mark, `left out: WHY`. The whole is framed by
`probe` with `begin` and `end`, or `interrupted`.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from wiretape.recorder.log.records import AnyRecord, End, Error, Request

_SETTLE_SECONDS = 2.0


class Marks(Protocol):
    """Where marks go."""

    async def mark(self, name: str, detail: str, streams: int) -> None:
        """Leave a mark, with so many streams still open."""
        ...

    def trouble(self) -> str | None:
        """Tell what stood in the way of a response since this was last asked."""
        ...


class NoMarks:
    """For a probe that is not recorded."""

    async def mark(self, name: str, detail: str, streams: int) -> None:
        """Do nothing."""

    def trouble(self) -> str | None:
        """Know nothing."""
        return None


class RecordingMarks:
    """Marks in a recording that is being made in the same event loop.

    `see` must be shown every record that is written: a mark waits for what came before it to be
    recorded to its end. `trouble` tells of errors for which the recorder answered in the server's
    stead.
    """

    def __init__(self) -> None:
        self.leave: Callable[[str, str | None], None] | None = None
        self._open: set[int] = set()
        self._changed = asyncio.Event()
        self._trouble: str | None = None

    def see(self, record: AnyRecord) -> None:
        """Take a record that was just written."""
        match record:
            case Request():
                self._open.add(record.exchange)
            case End():
                self._open.discard(record.exchange)
            case Error():
                self._trouble = record.detail
                if record.exchange is not None:
                    self._open.discard(record.exchange)
        self._changed.set()

    async def mark(self, name: str, detail: str, streams: int) -> None:
        """Leave a mark once only the open streams have not ended, or soon if that never is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_SETTLE_SECONDS):
                while len(self._open) > streams:
                    self._changed.clear()
                    await self._changed.wait()
        if self.leave is not None:
            self.leave(name, detail)

    def trouble(self) -> str | None:
        """Tell what stood in the way of a response since this was last asked."""
        trouble, self._trouble = self._trouble, None
        return trouble
