"""Latency: how long answers take, by JSON-RPC method and by what the route is for.

Of a method it is the time from the request to its answer, however that came; of a role the time
from the request to the head of the response; of a stream that answers, or begins HTTP+SSE, moreover
that to its first event.
"""

from collections.abc import Callable, Iterator

from pydantic import JsonValue

from wiretape.analysis.facts import Fact, Facts, Point, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.seen import Seen
from wiretape.analysis.times import bucket, quantile, seconds
from wiretape.analysis.turns import Turn
from wiretape.analysis.usual import dashed

_LONGEST_NAME = 80
_ANSWERED = frozenset({"result", "error"})


def _turn(turn: Turn) -> tuple[Fact, ...]:
    if turn.by == "server" or turn.outcome not in _ANSWERED or turn.denied:
        return ()
    return (_took("method", turn.method[:_LONGEST_NAME], turn.asked, turn.point),)


def _exchange(seen: Seen) -> tuple[Fact, ...]:
    if seen.answered is None:
        return ()
    responded = _took("route", seen.route, seen.asked, seen.answered)
    stream = seen.stream
    if stream is None or stream.first is None:
        return (responded,)
    if seen.method == "POST" or stream.first_name == "endpoint":
        return (responded, _took("events", seen.route, seen.asked, stream.first))
    return (responded,)


def _took(kind: str, what: str, start: Point, end: Point) -> Fact:
    milliseconds = seconds(start, end) * 1000
    return Fact((kind, what, bucket(milliseconds)), None, milliseconds, start, 1)


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    for method, tallies in _by_bucket(facts, "method", lambda method: method).items():
        yield _finding(f"latency.{method}", f"Time until {method} was answered", tallies)
    for role, tallies in _by_role(facts, "route", scene).items():
        yield _finding(f"latency.{dashed(role)}", f"Time until {role} responded", tallies)
    for role, tallies in _by_role(facts, "events", scene).items():
        title = f"Time until the first event of a stream from {role}"
        yield _finding(f"latency.{dashed(role)}.first_event", title, tallies)


type _Tallies = dict[int, list[Tally]]


def _by_bucket(facts: Facts, kind: str, name: Callable[[str], str]) -> dict[str, _Tallies]:
    """Put together what is to be named alike, such as all routes of one role."""
    found: dict[str, _Tallies] = {}
    for (what, number), tally in facts.of(kind):
        found.setdefault(name(what), {}).setdefault(number, []).append(tally)
    return dict(sorted(found.items()))


def _by_role(facts: Facts, kind: str, scene: Scene) -> dict[str, _Tallies]:
    """Put together the routes of one role; others than the service's are left out."""
    found = _by_bucket(facts, kind, scene.role)
    found.pop("other", None)
    return found


def _finding(id_: str, title: str, tallies: _Tallies) -> Finding:
    counts = {number: sum(tally.count for tally in found) for number, found in tallies.items()}
    lows = [tally.low for found in tallies.values() for tally in found if tally.low]
    highs = [tally.high for found in tallies.values() for tally in found if tally.high]
    least = min(lows)
    most = max(highs, key=lambda high: (high.measure, -high.place.recording, -high.place.line))
    value: dict[str, JsonValue] = {
        name: _within(quantile(counts, share), least.measure, most.measure)
        for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99))
    }
    return Finding(
        id=id_,
        title=title,
        value=value | {"max": round(most.measure, 3), "count": sum(counts.values())},
        unit="ms",
        low=round(least.measure, 3),
        high=round(most.measure, 3),
        count=sum(counts.values()),
        evidence=tuple(dict.fromkeys((most.place, least.place))),
    )


def _within(value: float, low: float, high: float) -> float:
    return round(min(max(value, low), high), 3)


EXTRACTOR: Extractor = Extractor(
    title="Latency",
    wants=frozenset({"mcp", "oauth"}),
    exchange=_exchange,
    turn=_turn,
    conclude=_findings,
)
