"""The timeline of a grant's tokens: a row for each, from its issue to its first refusal."""

from dataclasses import dataclass
from itertools import pairwise

from wiretape.analysis.facts import Place
from wiretape.analysis.picture import Issue, Lineage
from wiretape.analysis.report.pictures.axis import Tick, seconds, ticks

_LEFT, _WIDTH, _RIGHT = 150.0, 640.0, 110.0
_TOP, _ROW = 30.0, 40.0
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
    """A token request that was refused."""

    x: float
    y: float
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
    bottom = last + (_ROW if lineage.refusals else 0)
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
        crosses=tuple(
            Cross(
                scale.x(refusal.t),
                last + _ROW / 2,
                f"{refusal.status or 'no response'} {refusal.error or ''}".strip(),
                refusal.place,
            )
            for refusal in lineage.refusals
        ),
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
