"""Latency as bars on a logarithmic axis: from the median to the 99th percentile."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import log10

from pydantic import JsonValue

from wiretape.analysis.finding import Finding
from wiretape.analysis.report.latencies import FEW, START, timed
from wiretape.analysis.report.pictures.axis import Tick, decades, seconds
from wiretape.analysis.report.pictures.sequence import shortened

_LEFT, _WIDTH, _RIGHT = 210.0, 520.0, 210.0
_TOP, _ROW = 16.0, 26.0
_LEAST = 0.001
_NAMES = ("p50", "p90", "p99", "max")


@dataclass(frozen=True)
class Bar:
    """What takes how long, in pixels: half of the answers by `p50`, and so on.

    `few`: of so few answers that the quantiles say nothing, only the median and the longest.
    """

    name: str
    full: str
    y: float
    p50: float
    p90: float
    p99: float
    max: float
    said: str
    few: bool


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
    rows = [
        (_name(finding.id), finding.count < FEW, values)
        for finding in findings
        if finding.id.startswith(START) and (values := _values(finding.value))
    ]
    if not rows:
        return None
    powers = decades(min(v[0] for *_, v in rows), max(v[3] for *_, v in rows))

    def x(value: float) -> float:
        return _LEFT + _WIDTH * (log10(value) - powers[0]) / (powers[-1] - powers[0])

    bottom = _TOP + _ROW * len(rows)
    bars = tuple(
        Bar(
            name=shortened(name, 27),
            full=name,
            y=_TOP + _ROW * (row + 0.5),
            p50=x(values[0]),
            p90=x(values[1]),
            p99=x(values[2]),
            max=x(values[3]),
            said=" … ".join(
                dict.fromkeys(seconds(values[at] / 1000) for at in (0, 3 if few else 2))
            ),
            few=few,
        )
        for row, (name, few, values) in enumerate(rows)
    )
    marks = tuple(Tick(x(10.0**power), seconds(10.0**power / 1000)) for power in powers)
    return Quantiles(_LEFT + _WIDTH + _RIGHT, bottom + 30, bottom, marks, bars)


def _name(id_: str) -> str:
    name, until = timed(id_)
    return name if until == "result" else f"{name}: {until}"


def _values(value: JsonValue) -> tuple[float, float, float, float] | None:
    """Read p50, p90, p99 and the maximum, in rising order, all of them positive."""
    found = [value.get(name) for name in _NAMES] if isinstance(value, dict) else []
    numbers = [max(each, _LEAST) for each in found if isinstance(each, int | float)]
    if len(numbers) < len(_NAMES):
        return None
    p50, p90, p99, most = sorted(numbers)
    return p50, p90, p99, most
