"""The probe's time: a token's end is a time of day, also for a machine that slept meanwhile."""

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """A source of time."""

    def now(self) -> datetime:
        """Tell the time, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Tell the time, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)
