"""Conformance: whether messages are as the schema of their MCP revision has them.

Of the messages of one method and one direction at a route the first few are checked, the others are
only counted.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

from wiretape.analysis.concluding.evidence import probed
from wiretape.analysis.concluding.usual import places
from wiretape.analysis.facts import Fact, Facts, Place, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.analysis.traffic.turns import Side, Turn
from wiretape.recorder.log.raw import fields, text

_SAMPLED = 50
_LARGE = 4 * 1024
_SAMPLED_LARGE = 4
_METHOD = 80
_UNREAD = b""
"""Stands for an ordinary message that is too large to be checked."""

_SHOWN = 12
_MISTAKES = "; the client is wiretape's probe, which makes mistakes on purpose"
_ASSUMED = "2025-11-25"
_APART = ("tasks/", "notifications/tasks/")
"""Methods that the official models leave out."""


type Sort = Literal["request", "notification", "result"]


class _Kind(NamedTuple):
    """Messages of a route that are expected to be alike.

    Without a `revision` it is the one that was agreed on there.
    """

    route: str
    by: Side
    sort: Sort
    method: str
    revision: str | None


def _exchange(seen: Seen) -> Iterator[Fact]:
    stream = seen.stream
    sse = stream is not None and stream.first_name == "endpoint"
    if not (seen.said or "mcp-session-id" in seen.sent or sse):
        return  # other streams have other events
    for by, why, point in seen.garbled:
        plain = why.partition(" (")[0][:_METHOD]  # without the position
        yield Fact(("garbled", seen.route, by, plain), None, None, point)


def _turn(turn: Turn) -> tuple[Fact, ...]:
    told = turn.outcome == "notified" or turn.method.startswith("notifications/")
    facts: list[Fact] = []
    if told and turn.outcome == "error" and (turn.status or 0) < 400:
        facts.append(Fact(("answered", turn.route, turn.by, turn.method[:_METHOD], turn.code)))
        if turn.over == "sse":
            return tuple(facts)  # it was a turn already, when it was told
    revision = turn.revision
    if turn.method == "initialize":
        chosen = text(fields(turn.result).get("protocolVersion"))
        if chosen is not None:
            facts.append(Fact(("chosen", turn.route, chosen[:_METHOD])))
        revision = chosen or revision
    facts.append(_said(turn, turn.by, "notification" if told else "request", revision))
    if turn.result is not None:
        other: Side = "server" if turn.by == "client" else "client"
        facts.append(_said(turn, other, "result", revision))
    return tuple(facts)


def _said(turn: Turn, by: Side, sort: Sort, revision: str | None) -> Fact:
    raw, point = (turn.result, turn.point) if sort == "result" else (turn.params, turn.asked)
    kind = _Kind(turn.route, by, sort, turn.method[:_METHOD], revision and revision[:_METHOD])
    data = None if raw is None else bytes(raw)
    if data is None or len(data) <= _LARGE:
        return Fact(("said", kind), data, None, point, _SAMPLED)
    if turn.kind is None:
        return Fact(("large", kind), data, None, point, _SAMPLED_LARGE)
    return Fact(("said", kind), _UNREAD, None, point, _SAMPLED)


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    said = [
        (kind, tally)
        for size in ("said", "large")
        for (kind,), tally in facts.of(size)
        if scene.speaks_mcp(kind.route)
    ]
    if not said:
        return
    faults = [*_invalid(facts, said), *_out_of_place(facts, scene)]
    grouped: dict[tuple[str, str, str], list[Place]] = {}
    for at, by, method, what in sorted(faults):
        grouped.setdefault((by, method, what), []).append(at)
    total = sum(tally.count for _, tally in said)
    checked = sum(value != _UNREAD for _, tally in said for value in tally.values)
    mistakes = probed(scene) and any(by == "client" for by, *_ in grouped)
    shown = {place for found in grouped.values() for place in found[:2]}
    yield Finding(
        id="protocol.nonconforming",
        title="Messages that are not as the specification has them",
        value=[{"by": by, "method": method, "what": what} for by, method, what in sorted(grouped)],
        count=len(faults) or checked,
        evidence=tuple(sorted(shown))[:_SHOWN] or places(tally for _, tally in said),
        note=f"{checked} of {total} messages were checked{_MISTAKES if mistakes else ''}",
    )


class _Fault(NamedTuple):
    place: Place
    by: Side
    method: str
    what: str


def _invalid(facts: Facts, said: list[tuple[_Kind, Tally]]) -> Iterator[_Fault]:
    """Check samples against their schema."""
    from wiretape.analysis.traffic import schemas  # noqa: PLC0415 - slow to import, and needed only here

    agreed: dict[str, str] = {}
    for (route, revision), _ in sorted(facts.of("chosen"), key=lambda item: item[1].count):
        if schemas.known(revision):
            agreed[route] = agreed[""] = revision  # the most frequent comes last
    for kind, tally in said:
        if kind.method.startswith(_APART):
            continue
        usual = agreed.get(kind.route) or agreed.get("", _ASSUMED)
        revision = kind.revision if schemas.known(kind.revision) else usual
        for sight in tally.sample:
            if sight.value == _UNREAD:
                continue
            try:
                data = None if sight.value is None else msgspec.json.decode(sight.value)
            except (ValueError, RecursionError):
                continue
            what = schemas.fault(kind.by, kind.sort, kind.method, revision or _ASSUMED, data)
            if what is not None:
                yield _Fault(sight.point.place, kind.by, kind.method, what)


def _out_of_place(facts: Facts, scene: Scene) -> Iterator[_Fault]:
    """Give what is no message at all, and answers to what has none."""
    for (route, by, why), tally in facts.of("garbled"):
        if scene.speaks_mcp(route):
            for place in tally.places:
                yield _Fault(place, by, "", why)
    for (route, by, method, code), tally in facts.of("answered"):
        if not scene.speaks_mcp(route):
            continue
        other: Side = "server" if by == "client" else "client"
        for place in tally.places:
            yield _Fault(place, other, method, f"a notification was answered with error {code}")


EXTRACTOR: Extractor = Extractor(
    title="Conformance",
    wants=frozenset({"mcp"}),
    exchange=_exchange,
    turn=_turn,
    repeats="kind",
    conclude=_findings,
)
