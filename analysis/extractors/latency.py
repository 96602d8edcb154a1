"""Latency: how long answers take, by JSON-RPC method and by what the route is for.

Of a method it is the time from the request to its answer, however that came; of a role the time
from the request to the head of the response; of a stream that answers, or begins HTTP+SSE, moreover
that to its first event.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from pydantic import JsonValue

from wiretape.analysis.concluding.usual import dashed
from wiretape.analysis.facts import Fact, Facts, Point, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.times import quantile, seconds
from wiretape.analysis.traffic.seen import Seen
from wiretape.analysis.traffic.turns import Turn

_LONGEST_NAME = 80
_QUANTILES = (("p50", 0.5, 1), ("p90", 0.9, 10), ("p99", 0.99, 100))
"""Each with its share, and how many samples it needs: of fewer it is but the longest of them."""


def _turn(turn: Turn) -> Iterator[Fact]:
    if turn.by == "client" and turn.seconds is not None and not turn.denied:
        yield _took(("method", turn.route, turn.method[:_LONGEST_NAME]), turn, _answered)


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.answered is None:
        return
    yield _took(("route", seen.route), seen, _responded)
    stream = seen.stream
    if stream is None or stream.first is None:
        return
    if seen.method == "POST" or stream.first_name == "endpoint":
        yield _took(("events", seen.route), seen, _began)


def _took[Thing: (Seen, Turn)](
    key: tuple[str, ...], thing: Thing, measured: Callable[[Thing], float]
) -> Fact:
    return Fact(key, None, measured(thing), thing.asked, 1, measured)


def _answered(turn: Turn) -> float:
    return _milliseconds(turn.asked, turn.answered)


def _responded(seen: Seen) -> float:
    return _milliseconds(seen.asked, seen.answered)


def _began(seen: Seen) -> float:
    return _milliseconds(seen.asked, None if seen.stream is None else seen.stream.first)


def _milliseconds(start: Point, end: Point | None) -> float:
    return 0.0 if end is None else seconds(start.t, end.t) * 1000


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    for method, tallies in _by_method(facts, scene):
        yield _finding(f"latency.method.{method}", f"Time until {method} was answered", tallies)
    for role, tallies in _by_role(facts, "route", scene):
        yield _finding(f"latency.role.{dashed(role)}", f"Time until {role} responded", tallies)
    for role, tallies in _by_role(facts, "events", scene):
        title = f"Time until the first event of a stream from {role}"
        yield _finding(f"latency.first_event.{dashed(role)}", title, tallies)


def _by_method(facts: Facts, scene: Scene) -> list[tuple[str, list[Tally]]]:
    """Put together what was said of one method to the service, at whichever route."""
    found: dict[str, list[Tally]] = {}
    for (route, method), tally in facts.of("method"):
        if scene.speaks_mcp(route):
            found.setdefault(method, []).append(tally)
    return sorted(found.items())


def _by_role(facts: Facts, kind: str, scene: Scene) -> list[tuple[str, list[Tally]]]:
    """Put together the routes of one role; others than the service's are left out."""
    found: dict[str, list[Tally]] = {}
    for (route,), tally in facts.of(kind):
        found.setdefault(scene.role(route), []).append(tally)
    found.pop("other", None)
    return sorted(found.items())


def _finding(id_: str, title: str, tallies: list[Tally]) -> Finding:
    counts = Counter[int]()
    for tally in tallies:
        counts.update(tally.spread)
    least = min(tally.low for tally in tallies if tally.low)
    highs = [tally.high for tally in tallies if tally.high]
    most = max(highs, key=lambda high: (high.measure, -high.place.recording, -high.place.line))
    total = counts.total()
    quantiles: dict[str, JsonValue] = {
        name: _within(quantile(counts, share), least.measure, most.measure)
        for name, share, needed in _QUANTILES
        if total >= needed
    }
    return Finding(
        id=id_,
        title=title,
        value={"count": total, "max": round(most.measure, 3)} | quantiles,
        unit="ms",
        low=round(least.measure, 3),
        high=round(most.measure, 3),
        count=total,
        evidence=tuple(dict.fromkeys((most.place, least.place))),
    )


def _within(value: float, low: float, high: float) -> float:
    return round(min(max(value, low), high), 3)


EXTRACTOR: Extractor = Extractor(
    title="Latency",
    wants=frozenset({"mcp", "oauth"}),
    exchange=_exchange,
    turn=_turn,
    repeats="kind",
    conclude=_findings,
)
