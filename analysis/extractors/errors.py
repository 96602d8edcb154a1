"""Errors: answers of 400 and above, requests that nobody answered, exchanges that broke off.

A retry is the same request once more after a failure that may pass: no answer, 408, 425, 429, or
500 and above (RFC 9110, 15.5.9 and 15.6; RFC 6585, 4; RFC 8470, 5.2). It is told by its body, among
the first few requests of a kind.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from pydantic import JsonValue

from wiretape.analysis.concluding.usual import places
from wiretape.analysis.facts import Fact, Facts, Place, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.jsonrpc import Call, Notification
from wiretape.recorder.log.records import Error

_KEPT = 64
_SHOWN = 8
_SHORT = 120
_MAY_PASS = frozenset({408, 425, 429})
_NAMED = (Call, Notification)


type _Kind = tuple[str, str, str, str]
"""A kind of request: the client's User-Agent, the method, the route, the JSON-RPC method."""


class _Try(NamedTuple):
    place: Place
    t: float
    failed: bool


def _exchange(seen: Seen) -> Iterator[Fact]:
    status, last = seen.status, seen.last
    if isinstance(last, Error):
        yield Fact(("network", last.kind), last.detail[:_SHORT], point=seen.ended)
    elif last is not None and last.how != "complete":
        left = last.how == "client abort" and seen.response is not None
        if not left:  # a client may leave an answer, above all a stream, at any time
            yield Fact(
                ("broken off", seen.route, last.how),
                last.detail and last.detail[:_SHORT],
                point=seen.ended,
            )
    if status is not None and status >= 400:
        yield Fact(("http", seen.route, status), seen.given.get("retry-after"))
    if status is None and last is None:
        return
    failed = status is None or status >= 500 or status in _MAY_PASS
    body = seen.request.body
    digest = None if body is None else body.sha256
    said = seen.said[0] if seen.said else None
    named = said.method[:_SHORT] if isinstance(said, _NAMED) else ""
    kind = (seen.client, seen.method, seen.route, named)
    yield Fact(("asked", kind, failed), digest, None, seen.asked, _KEPT)


def _error(error: Error) -> Iterator[Fact]:
    yield Fact(("network", error.kind), error.detail[:_SHORT])


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    http = [(f"{scene.role(route)} {code}", tally) for (route, code), tally in facts.of("http")]
    network = [(kind, tally) for (kind,), tally in facts.of("network")]
    broken = [(f"{scene.role(route)} {how}", t) for (route, how), t in facts.of("broken off")]
    yield from _counted("errors.http", "Answers of 400 and above", http)
    yield from _counted(
        "errors.network", "Requests that nobody answered", network, _details(network)
    )
    yield from _counted("errors.broken_off", "Exchanges that broke off", broken, _details(broken))
    yield from _patience(http)
    yield from _retries(facts, scene)


def _details(found: list[tuple[str, Tally]]) -> str | None:
    """Repeat what was said of the first of each."""
    told = dict.fromkeys(f"{name}: {tally.value}" for name, tally in found if tally.value)
    return "; ".join(told) or None


def _counted(
    id_: str, title: str, found: list[tuple[str, Tally]], note: str | None = None
) -> Iterator[Finding]:
    counts = Counter[str]()
    for name, tally in found:
        counts[name] += tally.count
    if counts:
        yield Finding(
            id=id_,
            title=title,
            value=dict(sorted(counts.items())),
            count=counts.total(),
            evidence=places(tally for _, tally in found),
            note=note,
        )


def _patience(http: list[tuple[str, Tally]]) -> Iterator[Finding]:
    """Tell for how long servers asked to wait (RFC 9110, 10.2.3)."""
    asked: dict[str, set[str]] = defaultdict(set)
    told = [(name, sight) for name, tally in http for sight in tally.sample if sight.value]
    for name, sight in told:
        asked[name].add(sight.value[:_SHORT])
    if told:
        yield Finding(
            id="errors.retry_after",
            title="How long to wait before a retry, as servers say",
            value={name: [*sorted(values)] for name, values in sorted(asked.items())},
            count=len(told),
            evidence=tuple(sorted(sight.point.place for _, sight in told)),
        )


def _retries(facts: Facts, scene: Scene) -> Iterator[Finding]:
    found: list[JsonValue] = []
    evidence: list[Place] = []
    for (agent, method, route, said), tries in sorted(_tries(facts).items()):
        again = [
            (before, after)
            for alike in tries.values()
            for before, after in pairwise(sorted(alike))
            if before.failed
        ]
        if again:
            found.append(
                {
                    "client": scene.client(agent),
                    "request": f"{method} {scene.role(route)} {said}".strip(),
                    "times": len(again),
                    "failed again": sum(after.failed for _, after in again),
                    "after": [round(b.t - a.t, 3) for a, b in sorted(again)[:_SHOWN]],
                }
            )
            evidence += [each.place for pair in again[:_SHOWN] for each in pair]
    if found:
        yield Finding(
            id="errors.retries",
            title="Requests that were sent again after a failure",
            value=found,
            count=len(found),
            evidence=tuple(sorted({*evidence})),
        )


def _tries(facts: Facts) -> dict[_Kind, dict[tuple[int, str | None], list[_Try]]]:
    """Give the requests that were kept by kind, those with the same body together."""
    found: dict[_Kind, dict[tuple[int, str | None], list[_Try]]] = {}
    for (kind, failed), tally in facts.of("asked"):
        alike = found.setdefault(kind, defaultdict(list))
        for point, digest in tally.sample:
            alike[point.place.recording, digest].append(_Try(point.place, point.t, failed))
    return found


EXTRACTOR: Extractor = Extractor(
    title="Errors and retries",
    wants=frozenset({"failed", "mcp", "oauth"}),
    exchange=_exchange,
    error=_error,
    repeats="kind",
    conclude=_findings,
)
