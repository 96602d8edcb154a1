"""What a check says: whether a requirement is met, what was seen, and on which lines."""

from dataclasses import dataclass
from typing import Literal

from wiretape.replay.conformance.evidence import Turn

type Outcome = Literal["pass", "fail", "warn", "untestable"]


@dataclass(frozen=True)
class Verdict:
    """`seen` is one sentence; `lines` are lines of the recording, of both sides."""

    outcome: Outcome
    seen: str
    lines: tuple[int, ...] = ()


def met(seen: str, *shown: Turn) -> Verdict:
    """Say that the requirement is met."""
    return Verdict("pass", seen, _lines(shown))


def unmet(seen: str, *shown: Turn) -> Verdict:
    """Say that the requirement is not met."""
    return Verdict("fail", seen, _lines(shown))


def untestable(why: str, *shown: Turn) -> Verdict:
    """Say that nothing can be said, and what is missing for that."""
    return Verdict("untestable", why, _lines(shown))


def judged(good: bool, seen: str, *shown: Turn) -> Verdict:
    """Say whether the requirement is met; `seen` must be true either way."""
    return met(seen, *shown) if good else unmet(seen, *shown)


def _lines(shown: tuple[Turn, ...]) -> tuple[int, ...]:
    return tuple(sorted({line for turn in shown for line in turn.lines}))
