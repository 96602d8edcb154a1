"""Whoever watches the probe, and how they see time pass."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from wiretape.recorder.probe.clock import Clock
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Answer, Ask

type Rest = Callable[[datetime, str], Awaitable[None]]
"""Lets time pass until then; the text says for what."""

_TICK = 1.0


class Audience(Protocol):
    """Whoever watches the probe."""

    def begins(self, step: Step) -> None:
        """See a step begin."""
        ...

    def answered(self, ask: Ask, answer: Answer) -> None:
        """See what a request was answered."""
        ...

    def failed(self, what: str, why: str) -> None:
        """See what went wrong."""
        ...

    def note(self, text: str) -> None:
        """Learn what a step learnt."""
        ...

    def left_out(self, step: Step, why: str) -> None:
        """See a step that does not run."""
        ...

    def visit(self, url: str) -> None:
        """Open a page in the user's browser."""
        ...

    def waiting(
        self, title: str, seconds: float
    ) -> AbstractContextManager[Callable[[float], None]]:
        """See time pass: the function is told, again and again, how many seconds are left."""
        ...


def resting(clock: Clock, audience: Audience) -> Rest:
    """Let time pass on a clock, and let the audience see how much is left."""

    async def rest(until: datetime, title: str) -> None:
        total = (until - clock.now()).total_seconds()
        with audience.waiting(title, total) as tick:
            while (left := (until - clock.now()).total_seconds()) > 0:
                tick(left)
                await clock.sleep(min(left, _TICK))

    return rest
