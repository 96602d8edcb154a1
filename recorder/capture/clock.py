"""The two times of every record: the wall clock for people, a monotonic one for durations."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple, Protocol


class Moment(NamedTuple):
    """`at` in UTC; `t` in seconds since the recording's start."""

    at: datetime
    t: float


class Clock(Protocol):
    """A source of moments."""

    def now(self) -> Moment:
        """Tell the time."""
        ...


class LiveClock:
    """The machine's clocks, read together."""

    def __init__(self) -> None:
        self.start = datetime.now(UTC)
        self._start = time.monotonic()

    def now(self) -> Moment:
        """Tell the time; `t` has microseconds."""
        return Moment(datetime.now(UTC), round(time.monotonic() - self._start, 6))


class ToldClock:
    """A clock of somebody else's, such as a replayed service's: `told` in seconds since 1970."""

    def __init__(self, told: Callable[[], float]) -> None:
        self._told = told
        self._start = told()
        self.start = datetime.fromtimestamp(self._start, UTC)

    def now(self) -> Moment:
        """Tell the time; `t` has microseconds."""
        shown = self._told()
        return Moment(datetime.fromtimestamp(shown, UTC), round(shown - self._start, 6))
