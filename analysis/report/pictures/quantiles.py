"""Latency as bars on a logarithmic axis: from the median to the highest percentile known."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import log10
from typing import NamedTuple

from pydantic import JsonValue

from wiretape.analysis.finding import Finding
from wiretape.analysis.report.pictures.axis import Tick, decades, seconds
from wiretape.analysis.report.pictures.sequence import shortened

_LEFT, _WIDTH, _RIGHT = 210.0, 520.0, 210.0
_TOP, _ROW = 16.0, 26.0
_LEAST = 0.001
_START = "latency."
_UNTIL = {"method": "", "role": ": response", "first_event": ": first event"}
"""By what a time is of, until what it runs."""


@dataclass(frozen=True)
class Bar:
    """What takes how long, in pixels: half of the answers by `p50`, and so on, if that is known."""

    name: str
    full: str
    y: float
    p50: float
    p90: float | None
    p99: float | None
    max: float
    said: str

    @property
    def end(self) -> float:
        """Where the bar ends; without a length it is no bar."""
        return self.p99 or self.p90 or self.p50


@dataclass(frozen=True)
class Quantiles:
    """The bars in pixels, below them the axis."""

    width: float
    height: float
    bottom: float
    ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]


def quantiles(findings: Iterable[Finding]) -> Quantiles | None:
    """Lay out the findings on latency, in milliseconds; nothing if there are none."""
    rows = [row for finding in findings if (row := _row(finding))]
    if not rows:
        return None
    powers = decades(min(row.p50 for row in rows), max(row.max for row in rows))

    def x(value: float) -> float:
        return _LEFT + _WIDTH * (log10(value) - powers[0]) / (powers[-1] - powers[0])

    bottom = _TOP + _ROW * len(rows)
    bars = tuple(
        Bar(
            name=shortened(row.name, 27),
            full=row.name,
            y=_TOP + _ROW * (number + 0.5),
            p50=x(row.p50),
            p90=row.p90 and x(row.p90),
            p99=row.p99 and x(row.p99),
            max=x(row.max),
            said=" … ".join(dict.fromkeys(seconds(at / 1000) for at in (row.p50, row.last))),
        )
        for number, row in enumerate(rows)
    )
    marks = tuple(Tick(x(10.0**power), seconds(10.0**power / 1000)) for power in powers)
    return Quantiles(_LEFT + _WIDTH + _RIGHT, bottom + 30, bottom, marks, bars)


class _Row(NamedTuple):
    """What takes how many milliseconds."""

    name: str
    p50: float
    p90: float | None
    p99: float | None
    max: float

    @property
    def last(self) -> float:
        """The highest quantile that is known; of few answers the longest."""
        return self.p99 or self.p90 or self.max


def _row(finding: Finding) -> _Row | None:
    """Read a finding on latency; its times are made positive."""
    kind, _, name = finding.id.removeprefix(_START).partition(".")
    value = finding.value if isinstance(finding.value, dict) else {}
    if not finding.id.startswith(_START) or kind not in _UNTIL:
        return None
    p50, p90, p99, most = (_time(value.get(key)) for key in ("p50", "p90", "p99", "max"))
    if p50 is None or most is None:
        return None
    return _Row(f"{name}{_UNTIL[kind]}", p50, p90, p99, most)


def _time(value: JsonValue) -> float | None:
    return max(value, _LEAST) if isinstance(value, int | float) else None
