"""The sequence diagram of a trial: what client, target and service asked of each other, in order.

What a verdict names is marked. Of a long trial there is what is marked, and what is around it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

from wiretape.analysis.picture import Ending
from wiretape.analysis.report.pictures.sequence import shortened
from wiretape.replay.conformance.check import Target
from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.report import Party, Shown
from wiretape.replay.conformance.sighting import sighting

_CHARACTER = 7.3
_GUTTER = 52.0
_HEAD = 44.0
_BETWEEN = 380.0
_EDGE = 56.0
_STEP, _TURN = 30.0, 48.0
_WHOLE = 40
_AROUND = 2
_PARTIES: tuple[Party, ...] = get_args(Party.__value__)
_ALONE: dict[Target, Party] = {"server": "service", "client": "client"}
"""Who is not there where the target does not stand between two others."""


@dataclass(frozen=True)
class Said:
    """Words between the arrows at height `y`: the name of a step, or how much is left out."""

    text: str
    y: float


@dataclass(frozen=True)
class Arrow:
    """An exchange: the request's arrow at height `y`, the answer's at `back`."""

    lines: str
    x1: float
    x2: float
    y: float
    back: float
    text_x: float
    asked: str
    answered: str
    full: str
    ending: Ending
    marked: bool


@dataclass(frozen=True)
class Diagram:
    """A sequence diagram in pixels; `lifelines` are names, so far from the left."""

    width: float
    height: float
    top: float
    lifelines: tuple[tuple[Party, float], ...]
    rows: tuple[Said | Arrow, ...]


def diagram(target: Target, evidence: Evidence, lines: Iterable[int]) -> Diagram | None:
    """Draw a trial of such a target; nothing if it has no exchanges."""
    if not evidence.turns:
        return None
    marked = set(lines)
    shown = [sighting(turn) for turn in evidence.turns]
    there = {party for each in shown for party in (each.by, each.to)}
    names = [name for name in _PARTIES if name in there or name != _ALONE.get(target)]
    xs = {name: _GUTTER + _EDGE + _BETWEEN * at for at, name in enumerate(names)}
    rows, y = _laid_out(list(zip(evidence.turns, shown, strict=True)), marked, xs)
    return Diagram(
        width=_GUTTER + 2 * _EDGE + _BETWEEN * (len(names) - 1),
        height=y + 8,
        top=_HEAD,
        lifelines=tuple(xs.items()),
        rows=rows,
    )


def _laid_out(
    turns: Sequence[tuple[Turn, Shown]], marked: set[int], xs: dict[Party, float]
) -> tuple[tuple[Said | Arrow, ...], float]:
    rows: list[Said | Arrow] = []
    y, step = _HEAD, None
    for drawn, left_out in _chosen([not marked.isdisjoint(turn.lines) for turn, _ in turns]):
        if left_out:
            rows.append(Said(f"{left_out} more, not shown", y + 20))
            y += _STEP
        if drawn is None:
            continue
        turn, shown = turns[drawn]
        if turn.step != step:
            step = turn.step
            rows.append(Said(step or "", y + 20))
            y += _STEP
        rows.append(_arrow(turn, shown, y + 24, xs, marked=not marked.isdisjoint(turn.lines)))
        y += _TURN
    return tuple(rows), y


def _chosen(marked: Sequence[bool]) -> Iterator[tuple[int | None, int]]:
    """Give the indices of what is drawn, each with how many are left out before it."""
    last = -1
    every = range(len(marked))
    near = [at for at in every if any(marked[max(0, at - _AROUND) : at + _AROUND + 1])] or list(
        every
    )
    for at in (list(every) if len(marked) <= _WHOLE else near)[:_WHOLE]:
        yield at, at - last - 1
        last = at
    yield None, len(marked) - last - 1


def _arrow(turn: Turn, shown: Shown, y: float, xs: dict[Party, float], *, marked: bool) -> Arrow:
    x1, x2 = xs[shown.by], xs[shown.to]
    fits = int((_BETWEEN - 26) / _CHARACTER)
    return Arrow(
        lines=str(shown.lines[0]),
        x1=x1,
        x2=x2,
        y=y,
        back=y + 19,
        text_x=x1 + 12,
        asked=shortened(shown.asked, fits),
        answered=shortened(shown.answered, fits),
        full=f"{shown.asked}: {shown.answered}",
        ending=_ending(turn.status),
        marked=marked,
    )


def _ending(status: int | None) -> Ending:
    if status is None or status >= 500:
        return "failed"
    if status >= 400:
        return "refused"
    return "redirected" if status >= 300 else "fine"
