"""How far the authorization server's clock is from the recorder's, by `Date` (RFC 9110, 6.6.1).

Every answer was made between the request and its arrival, so it bounds the server's clock, and the
bounds of many answers close in. Their width tells more than one answer's second.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.finding import Finding
from wiretape.analysis.oauth.sides import Side, sides
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.urls import origin

_CUT = 1.0
"""Seconds to which a `Date` is cut."""

_RENEWED = 1.0
"""Seconds for which servers may send the same `Date` again."""


def _exchange(seen: Seen) -> Iterator[Fact]:
    date = _date(seen.given.get("date"))
    if date is None or seen.answered is None or "age" in seen.given:
        return
    yield Fact(("least", seen.route), measure=(date - seen.answered.at).total_seconds())
    yield Fact(("most", seen.route), measure=(date - seen.asked.at).total_seconds() + _CUT)


@lru_cache(maxsize=256)
def _date(text: str | None) -> datetime | None:
    try:
        found = datetime.strptime(text or "", "%a, %d %b %Y %H:%M:%S GMT")
    except ValueError:
        return None
    return found.replace(tzinfo=UTC)


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    for side in sides(scene):
        yield from _clock(facts, scene, side)


def _clock(facts: Facts, scene: Scene, side: Side) -> Iterator[Finding]:
    """Close in on the clock of the server that gives the tokens."""
    servers = [origin(route) for route in scene.routes("token") if side.has(route)][:1]
    least = [
        tally.high
        for (route,), tally in facts.of("least")
        if origin(route) in servers and tally.high is not None
    ]
    most = [
        tally.low
        for (route,), tally in facts.of("most")
        if origin(route) in servers and tally.low is not None
    ]
    if not least or not most:
        return
    low, high = max(least), min(most)
    torn = low.measure > high.measure + _RENEWED
    ends = sorted((low.measure, high.measure))
    agree = ends[0] <= 0 <= ends[1] + _RENEWED
    yield Finding(
        id=f"{side.prefix}token.clock_skew",
        title="How far the authorization server's clock is ahead of the recorder's",
        value=0 if agree else round(sum(ends) / 2, 1),
        unit="s",
        low=round(ends[0], 3),
        high=round(ends[1] + _RENEWED, 3),
        evidence=tuple(sorted({low.place, high.place})),
        note="its clocks differ among themselves, or one was set" if torn else None,
    )


EXTRACTOR: Extractor = Extractor(
    title="Clock skew", wants=frozenset({"oauth"}), exchange=_exchange, conclude=_findings
)
