"""A client speaks the one HTTP transport of MCP at an endpoint of the other, and gives up.

A client of streamable HTTP posts its first message; one of HTTP+SSE (2024-11-05) begins with a GET.
Whoever is refused with 4xx is to try the other way (MCP 2025-06-18, Transports: backwards
compatibility), which the SDKs leave to their callers.
"""

import re
from collections.abc import Iterator

from wiretape.analysis.diagnosis import Confidence, Diagnosis
from wiretape.analysis.evidence import deliberate, quote, shown, words
from wiretape.analysis.facts import Fact, Facts, Tally
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.seen import Seen
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.urls import path

_SESSION = re.compile(r"session", re.IGNORECASE)
_SOURCE = "MCP 2025-06-18, Transports: backwards compatibility"


_REFUSALS = {"POST": frozenset({404, 405}), "GET": frozenset({400, 405, 406})}


def _exchange(seen: Seen) -> Iterator[Fact]:
    method = seen.method
    if deliberate(seen) or seen.request.cause is not None or method not in _REFUSALS:
        return
    taken = seen.status is not None and 200 <= seen.status < 300
    if method == "GET" or seen.said:
        yield Fact((method, seen.route, seen.client, taken))
        if seen.status in _REFUSALS[method] and "mcp-session-id" not in seen.sent:
            said = (seen.given.get("allow") or "", words(seen.body))
            value = (seen.evidence, seen.status, *said)
            yield Fact(("refused", method, seen.route, seen.client), value)


def _conclude(facts: Facts, scene: Scene) -> Iterator[Diagnosis]:
    serves_posts = {route for (route, _, taken), _ in facts.of("POST") if taken}
    for (route, client), tally in facts.of("refused", "POST"):
        sure = _sure(tally, "GET", "POST", named=path(route).rstrip("/").endswith("/sse"))
        if scene.role(route) == "sse":
            sure = "certain"
        fell_back = any(True for _ in facts.of("GET", route, client))
        if sure and not fell_back and route not in serves_posts and scene.role(route) != "message":
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
        sure = _sure(tally, "POST", "GET", named=path(route).rstrip("/").endswith("/mcp"))
        if route in serves_posts:
            sure = "certain"
        if sure and not any(True for _ in facts.of("POST", route, client)):
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


def _sure(tally: Tally, served: str, refused: str, *, named: bool) -> Confidence | None:
    """Tell how sure it is, by a refusal alone, that the route serves the one method only."""
    _, _, allow, said = tally.value
    only = served in allow and refused not in allow
    return "likely" if named or only or _SESSION.search(said) else None


DIAGNOSIS = Observer[Diagnosis](
    title="Transport mixed up",
    wants=frozenset({"mcp"}),
    exchange=_exchange,
    repeats="kind",
    conclude=_conclude,
)
