"""The timeline of a grant's tokens: a row for each, from its issue to its first refusal."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from wiretape.analysis.facts import Place
from wiretape.analysis.picture import Issue, Lineage
from wiretape.analysis.report.pictures.axis import Tick, seconds, ticks

_LEFT, _WIDTH, _RIGHT = 150.0, 640.0, 110.0
_TOP, _ROW = 30.0, 40.0
_LABEL, _BESIDE, _CHARACTER = 18.0, 11.0, 7.3
_FURTHER = 1.5
"""How much longer than what was seen the axis may be, to show when a token expires."""


@dataclass(frozen=True)
class Bar:
    """A token. `open`: it expires beyond the right end, where `expiry` tells when."""

    token: str
    by: str
    y: float
    issued: float
    expires: float | None
    open: bool
    expiry: str
    used: tuple[float, float] | None
    refused: float | None
    place: Place
    refused_at: Place | None


@dataclass(frozen=True)
class Link:
    """A refresh, from the row of one token to the row of the next."""

    x: float
    y1: float
    y2: float
    rotated: bool


@dataclass(frozen=True)
class Cross:
    """A token request that was refused; its label begins at `text_x`, or ends there if `left`."""

    x: float
    y: float
    text_x: float
    left: bool
    what: str
    place: Place


@dataclass(frozen=True)
class Timeline:
    """A timeline in pixels."""

    width: float
    height: float
    left: float
    bottom: float
    ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]
    links: tuple[Link, ...]
    crosses: tuple[Cross, ...]


def timeline(lineage: Lineage) -> Timeline:
    """Lay out a lineage."""
    scale = _Scale(lineage)
    bars = tuple(_bar(row, issue, scale) for row, issue in enumerate(lineage.issues))
    last = _TOP + _ROW * len(bars)
    crosses = tuple(_crosses(lineage, scale, last))
    bottom = max([last, *(cross.y + _ROW / 2 for cross in crosses)])
    return Timeline(
        width=_LEFT + _WIDTH + _RIGHT,
        height=bottom + 30,
        left=_LEFT,
        bottom=bottom,
        ticks=tuple(
            Tick(scale.x(scale.start + tick.at), tick.text)
            for tick in ticks(scale.end - scale.start)
        ),
        bars=bars,
        links=tuple(
            Link(after.issued, before.y, after.y, issue.rotated is not False)
            for (before, after), issue in zip(pairwise(bars), lineage.issues[1:], strict=True)
        ),
        crosses=crosses,
    )


class _Scale:
    """From seconds since the recording's start to pixels."""

    def __init__(self, lineage: Lineage) -> None:
        seen = [
            t
            for issue in lineage.issues
            for t in (issue.t, issue.first_success, issue.last_success, issue.first_refusal)
            if t is not None
        ]
        seen += [refusal.t for refusal in lineage.refusals]
        self.start = min(seen)
        self.end = self.start + max(max(seen) - self.start, 0.001)
        near = self.start + (self.end - self.start) * _FURTHER
        expiries = [issue.t + issue.expires_in for issue in lineage.issues if issue.expires_in]
        self.end = max([self.end, *(expiry for expiry in expiries if expiry <= near)])

    def x(self, t: float) -> float:
        share = (t - self.start) / (self.end - self.start)
        return _LEFT + min(max(share, 0.0), 1.0) * _WIDTH


def _crosses(lineage: Lineage, scale: _Scale, top: float) -> Iterator[Cross]:
    """Place refusals, each in the first line where its label is clear of those before it."""
    taken: list[list[tuple[float, float]]] = []
    for refusal in lineage.refusals:
        what = f"{refusal.status or 'no response'} {refusal.error or ''}".strip()
        x = scale.x(refusal.t)
        width = _BESIDE + len(what) * _CHARACTER
        left = x > _LEFT + _WIDTH / 2
        start, end = (x - width, x + _BESIDE) if left else (x - _BESIDE, x + width)
        line = next(
            (n for n, spans in enumerate(taken) if all(start > e or end < s for s, e in spans)),
            len(taken),
        )
        if line == len(taken):
            taken.append([])
        taken[line].append((start, end))
        text_x = x - _BESIDE if left else x + _BESIDE
        yield Cross(x, top + _ROW / 2 + _LABEL * line, text_x, left, what, refusal.place)


def _bar(row: int, issue: Issue, scale: _Scale) -> Bar:
    expires = None if issue.expires_in is None else issue.t + issue.expires_in
    first, last = issue.first_success, issue.last_success
    return Bar(
        token=issue.token,
        by=issue.by.replace("_", " "),
        y=_TOP + _ROW * row + _ROW / 2,
        issued=scale.x(issue.t),
        expires=None if expires is None else scale.x(expires),
        open=expires is not None and expires > scale.end,
        expiry="" if issue.expires_in is None else f"{seconds(issue.expires_in)} valid",
        used=None if first is None or last is None else (scale.x(first), scale.x(last)),
        refused=None if issue.first_refusal is None else scale.x(issue.first_refusal),
        place=issue.place,
        refused_at=issue.evidence[-1] if issue.first_refusal is not None else None,
    )
