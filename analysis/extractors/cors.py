"""CORS: what a browser lets a client's JavaScript do at each route (WHATWG Fetch, 3.3).

A browser asks first, by an OPTIONS preflight, whether it may send the request; and then shows the
response only if the response itself allows that too. Of the response's headers it shows but a few,
unless `access-control-expose-headers` names more.
"""

from collections.abc import Iterator

from wiretape.analysis.facts import Fact, Facts, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.seen import Seen

ORIGIN = "(the request's origin)"
_PREFIX = "access-control-"


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.response is None:
        return
    origin = seen.sent.get("origin")
    preflight = seen.method == "OPTIONS" and "access-control-request-method" in seen.sent
    found = tuple(
        (name.removeprefix(_PREFIX), ORIGIN if value == origin else value)
        for name, value in seen.given.starting(_PREFIX)
    )
    kind = "preflight" if preflight else "actual"
    yield Fact((kind, seen.route, origin is not None, seen.status, found))


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    for kind in ("preflight", "actual"):
        for (route, _, status, found), tally in facts.of(kind):
            yield from _answer(kind, scene.role(route), status, dict(found), tally)


def _answer(
    kind: str, role: str, status: int, found: dict[str, str], tally: Tally
) -> Iterator[Finding]:
    yield Finding(
        id=f"cors.{role}.{kind}.status",
        title=f"Status of {kind} requests to {role}",
        value=status,
        count=tally.count,
        evidence=tally.places,
    )


EXTRACTOR: Extractor = Extractor(
    title="CORS", wants=frozenset({"cors"}), exchange=_exchange, conclude=_findings
)
