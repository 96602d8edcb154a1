"""Whose authorization server it is: the service's own, or one that the service itself goes to.

A bridge is an authorization server to its clients and a client of another one. A recording of both
must not take the one for the other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from wiretape.analysis.facts import Facts, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.scene import Scene
from wiretape.recorder.log.oauth import Step
from wiretape.recorder.log.urls import origin

_ENDPOINTS: tuple[Step, ...] = ("registration", "authorization", "token")


@dataclass(frozen=True)
class Side:
    """Some of the endpoints of OAuth; `prefix` is for ids of findings about them.

    `routes` are the other side's if `own`, which has all the rest.
    """

    prefix: str
    own: bool
    upstream: frozenset[str]

    def has(self, route: str) -> bool:
        """Tell whether an endpoint is on this side."""
        return self.own != (route in self.upstream)

    def of(self, facts: Facts, kind: str) -> Iterator[tuple[tuple[Any, ...], Tally]]:
        """Give the facts of a kind at this side's endpoints; after it, keys have the route."""
        return ((key[1:], tally) for key, tally in facts.of(kind) if self.has(key[0]))

    def values(self, facts: Facts, kind: str) -> Iterator[tuple[Any, Tally]]:
        """Give the facts of a kind whose keys have, after the route, just a value."""
        return ((value, tally) for (value,), tally in self.of(facts, kind))

    def named(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Put the prefix before the ids of findings."""
        for each in findings:
            yield each.model_copy(update={"id": self.prefix + each.id})


def sides(scene: Scene) -> tuple[Side, ...]:
    """Part the endpoints: if some are on the MCP server's origin, the others are upstream."""
    home = {origin(route) for route in (*scene.routes("mcp"), *scene.routes("sse"))}
    upstream: set[str] = set()
    for step in _ENDPOINTS:
        routes = scene.routes(step)
        away = {route for route in routes if origin(route) not in home}
        if len(away) < len(routes):
            upstream |= away
    if upstream:
        upstream |= {route for route in scene.routes("resources") if origin(route) not in home}
    own = Side("", own=True, upstream=frozenset(upstream))
    return (own, replace(own, prefix="upstream.", own=False)) if upstream else (own,)
