"""A client speaks the one HTTP transport of MCP at an endpoint of the other, and gives up.

A client of streamable HTTP posts its first message; one of HTTP+SSE (2024-11-05) begins with a GET.
Whoever is refused with 4xx is to try the other way (MCP 2025-06-18, Transports: backwards
compatibility), which the SDKs leave to their callers.

One program may go by two names (its own and that of a library for event streams), and by its
connections is then known to be one. Whoever is served only after the refusal may be the same, too.
"""

import re
from collections.abc import Iterator

from wiretape.analysis.concluding.evidence import deliberate, quote, shown, words
from wiretape.analysis.diagnosis import Confidence, Diagnosis
from wiretape.analysis.facts import Fact, Facts, Tally
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import EVENT_STREAM, Seen
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.urls import origin, path

_SESSION = re.compile(r"session", re.IGNORECASE)
_SOURCE = "MCP 2025-06-18, Transports: backwards compatibility"
_KEPT = 64
_REFUSALS = {"POST": frozenset({404, 405}), "GET": frozenset({400, 405, 406})}

type _How = tuple[int, str]
"""A recording and one of its connections."""


def _exchange(seen: Seen) -> Iterator[Fact]:
    method = seen.method
    if deliberate(seen) or seen.request.cause is not None or method not in _REFUSALS:
        return
    taken = seen.status is not None and 200 <= seen.status < 300
    listens = method == "GET" and EVENT_STREAM in (seen.sent.get("accept") or "")
    if listens or (method == "POST" and seen.said):
        how = (seen.asked.place.recording, seen.request.connection)
        yield Fact((method, seen.route, seen.client, taken), how, keep=_KEPT)
        if seen.status in _REFUSALS[method] and "mcp-session-id" not in seen.sent:
            said = (seen.given.get("allow") or "", words(seen.body))
            value = (seen.evidence, seen.status, *said, how)
            yield Fact(("refused", method, seen.route, seen.client), value)


def _conclude(facts: Facts, scene: Scene) -> Iterator[Diagnosis]:
    serves_posts = {route for (route, _, taken), _ in facts.of("POST") if taken}
    for (route, client), tally in facts.of("refused", "POST"):
        if route in serves_posts or scene.role(route) == "message":
            continue
        sse = path(route).rstrip("/").endswith("/sse") or scene.role(route) == "sse"
        speaks = sse or _tells(tally, "GET", "POST")
        if sure := _sure(facts, "GET", route, client, tally, speaks=speaks):
            yield Diagnosis(
                id="transport_mixed_up",
                title="A client of streamable HTTP at an endpoint of HTTP+SSE",
                seen=f"{quote(scene.client(client))} posted {counted(tally.count, 'message')} to "
                f"{route}, was answered {tally.value[1]} {quote(tally.value[3])}, and never asked "
                "for the event stream.",
                cause="The endpoint speaks the older HTTP+SSE transport only; the client was given "
                "a transport for streamable HTTP and does not fall back.",
                remedy="Use the client's SSE transport for this URL, fall back to GET when the "
                "first POST is answered 400, 404 or 405, or configure the service's streamable "
                "endpoint if it has one.",
                confidence=sure,
                evidence=shown(tally),
                source=_SOURCE,
            )
    for (route, client), tally in facts.of("refused", "GET"):
        speaks = path(route).rstrip("/").endswith("/mcp") or _tells(tally, "POST", "GET")
        if sure := _sure(facts, "POST", route, client, tally, speaks=speaks):
            yield Diagnosis(
                id="transport_mixed_up",
                title="A client of HTTP+SSE at an endpoint of streamable HTTP",
                seen=f"{quote(scene.client(client))} asked {route} for an event stream, was "
                f"answered {tally.value[1]} {quote(tally.value[3])}, and never posted a message.",
                cause="The endpoint speaks streamable HTTP, which begins with a POST; the client "
                "was given a transport for the older HTTP+SSE.",
                remedy="Use the client's streamable HTTP transport for this URL, or configure the "
                "service's SSE endpoint if it has one.",
                confidence=sure,
                evidence=shown(tally),
                source=_SOURCE,
            )


def _sure(
    facts: Facts, method: str, route: str, client: str, refused: Tally, *, speaks: bool
) -> Confidence | None:
    """Tell how sure it is that a client who was refused has not tried the other method.

    `speaks` says whether the route speaks that method, as far as its name and the refusal tell.
    """
    ways = {how for *_, how in refused.values}
    others: list[Tally] = []
    for (other, taken), tally in facts.of(method, route):
        if other == client or _is_one_of(ways, tally):
            return None
        others += [tally] if taken else []
    if not others and not speaks:
        return None
    if _is_served_elsewhere(facts, route, client, ways):
        return "possible"
    if any(tally.last.place > refused.first.place for tally in others):
        return "possible"
    return "certain" if others else "likely"


def _is_served_elsewhere(facts: Facts, route: str, client: str, ways: set[_How]) -> bool:
    """Tell whether the client gets something at another route of the same host."""
    return any(
        taken
        and where != route
        and origin(where) == origin(route)
        and (who == client or _is_one_of(ways, tally))
        for method in _REFUSALS
        for (where, who, taken), tally in facts.of(method)
    )


def _is_one_of(ways: set[_How], tally: Tally) -> bool:
    return not ways.isdisjoint(tally.values)


def _tells(refused: Tally, served: str, method: str) -> bool:
    """Tell whether a refusal of a method says that the route serves another."""
    _, _, allow, said, _ = refused.value
    return (served in allow and method not in allow) or _SESSION.search(said) is not None


DIAGNOSIS = Observer[Diagnosis](
    title="Transport mixed up",
    wants=frozenset({"mcp"}),
    exchange=_exchange,
    repeats="kind",
    conclude=_conclude,
)
