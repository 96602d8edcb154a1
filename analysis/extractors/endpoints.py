"""Endpoints: where the service is, by what each route is for.

Of several routes for one thing it is the one that was answered best and most often; where nothing
was ever found, there is none. Documents and callbacks are left out: those are told by the
discovery, these are the client's.
"""

from collections.abc import Iterator
from typing import NamedTuple

from wiretape.analysis.facts import Fact, Facts, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.oauth.sides import sides
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Role, Scene
from wiretape.analysis.traffic.seen import Seen

_ROLES: dict[Role, str] = {
    "mcp": "Endpoint of streamable HTTP",
    "sse": "Where HTTP+SSE streams come from",
    "registration": "Registration endpoint",
    "authorization": "Authorization endpoint",
    "token": "Token endpoint",
    "revocation": "Revocation endpoint",
    "introspection": "Introspection endpoint",
    "resources": "Where clients learn which sites a token opens",
}


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.status is not None:
        status = seen.status
        served = 200 <= status < 300 or (status < 400 and seen.step is not None)
        yield Fact(("route", seen.route, served), keep=3)


class _Route(NamedTuple):
    """A route with how often it was served, how often asked, and what shows it."""

    url: str
    served: int
    asked: int
    shown: Tally


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    own = sides(scene)[0]
    for role, title in _ROLES.items():
        urls = [url for url in scene.routes(role) if url not in scene.missed and own.has(url)]
        routes = [_route(facts, url) for url in urls]
        seen = [route for route in routes if route is not None]
        if seen:
            best = max(seen, key=lambda route: (route.served, route.asked))
            others = [route.url for route in seen if route is not best]
            yield Finding(
                id=f"endpoint.{role}",
                title=title,
                value=best.url,
                count=best.served or best.asked,
                evidence=best.shown.places,
                note=f"also asked: {', '.join(others)}" if others else None,
            )


def _route(facts: Facts, url: str) -> _Route | None:
    good, bad = facts.get("route", url, True), facts.get("route", url, False)
    shown = good or bad
    if shown is None:
        return None
    served, refused = (0 if tally is None else tally.count for tally in (good, bad))
    return _Route(url, served, served + refused, shown)


EXTRACTOR: Extractor = Extractor(
    title="Endpoints",
    wants=frozenset({"mcp", "oauth", "bearer"}),
    exchange=_exchange,
    repeats="kind",
    conclude=_findings,
)
