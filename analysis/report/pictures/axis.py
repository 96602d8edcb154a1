"""Axes: where ticks stand, and what is written there."""

from math import ceil, floor, log10
from typing import NamedTuple

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400)
_MOST = 8


class Tick(NamedTuple):
    """A tick: where it stands, and what is written there."""

    at: float
    text: str


def ticks(span: float) -> list[Tick]:
    """Divide so many seconds by round times; gives seconds from the beginning."""
    step = next((step for step in _fine() if span / step <= _MOST), span / _MOST)
    return [Tick(number * step, seconds(number * step)) for number in range(int(span / step) + 1)]


def _fine() -> list[float]:
    return [10.0**power * step for power in range(-4, 0) for step in (1, 2, 5)] + list(_STEPS)


def seconds(number: float) -> str:
    """Say a time in the unit that fits."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if number >= size * (2 if size > 1 else 1):
            return f"{number / size:.3g} {unit}"
    return f"{number * 1000:.3g} ms" if number else "0"


def decades(low: float, high: float) -> list[int]:
    """Give the powers of ten between which a logarithmic axis runs, from a positive number on."""
    first = floor(log10(low))
    return list(range(first, max(ceil(log10(high)), first + 1) + 1))
