"""A service's only source of time: it can jump, stop, and run at another rate.

Everything that lives for a while or happens later (tokens, codes, keep-alives, `Date`) asks this
clock. The wall clock is read here and nowhere else.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(eq=False)
class _Waiter:
    """Whoever waits for a moment, in an event loop of its own."""

    loop: asyncio.AbstractEventLoop
    changed: asyncio.Event


class Clock:
    """Tells the time in seconds since 1970, and lets coroutines wait for it.

    `start` is the first time told, `wall` what ticks; a stopped clock moves only by `advance`.
    Other threads may call everything here.
    """

    def __init__(
        self,
        start: float | None = None,
        *,
        rate: float = 1,
        wall: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall = wall
        self._shown = time.time() if start is None else start
        self._since = wall()
        self._rate = _checked(rate)
        self._waiters: set[_Waiter] = set()

    def now(self) -> float:
        """Tell the time, in seconds since 1970."""
        return self._shown + (self._wall() - self._since) * self._rate

    @property
    def rate(self) -> float:
        """How many seconds pass here in one second of the wall clock; 0: it stands still."""
        return self._rate

    def run(self, rate: float = 1) -> None:
        """Go on from now at this rate."""
        self._set(self.now(), _checked(rate))

    def stop(self) -> None:
        """Stand still until told otherwise."""
        self.run(0)

    def advance(self, seconds: float) -> None:
        """Jump ahead. Raises ValueError for a jump back, which tokens would not survive."""
        if not seconds >= 0:
            raise ValueError(f"a clock does not go back: {seconds} s")
        self._set(self.now() + seconds, self._rate)

    async def until(self, moment: float) -> None:
        """Wait until the clock shows this moment, however it gets there."""
        changed = asyncio.Event()
        while self.now() < moment:
            await self.woken(changed, moment)
            changed.clear()

    async def woken(self, news: asyncio.Event, moment: float | None = None) -> None:
        """Wait for news, or a moment; it may be early, as moving the clock sets `news` too."""
        waiter = _Waiter(asyncio.get_running_loop(), news)
        self._waiters.add(waiter)
        try:
            async with asyncio.timeout(self._wall_left(moment)):
                await news.wait()
        except TimeoutError:
            pass
        finally:
            self._waiters.discard(waiter)

    def _wall_left(self, moment: float | None) -> float | None:
        """Tell how many seconds of the wall clock are left; None: nobody knows."""
        if moment is None:
            return None
        left = max(moment - self.now(), 0)
        return left / self._rate if self._rate else None if left else 0

    def _set(self, shown: float, rate: float) -> None:
        self._shown, self._since, self._rate = shown, self._wall(), rate
        for waiter in tuple(self._waiters):
            waiter.loop.call_soon_threadsafe(waiter.changed.set)


def _checked(rate: float) -> float:
    if not 0 <= rate < float("inf"):
        raise ValueError(f"a clock does not run at the rate {rate}")
    return rate
