"""The two times of every record: the wall clock for people, a monotonic one for durations."""

import time
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
