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


def _exchange(seen: Seen) -> Iterator[Fact]:
    if deliberate(seen) or seen.request.cause is not None:
        return
    who = (seen.route, seen.client)
    answer = (seen.evidence, seen.status, seen.given.get("allow") or "", words(seen.body))
    if seen.method == "POST" and seen.said:
        yield Fact(("posted", *who), (seen.evidence,))
        if seen.status is not None and 200 <= seen.status < 300:
            yield Fact(("took a POST", seen.route), (seen.evidence,))
        elif seen.status in {404, 405} and "mcp-session-id" not in seen.sent:
            yield Fact(("refused a POST", *who), answer)
    elif seen.method == "GET":
        yield Fact(("got", *who), (seen.evidence,))
        if seen.status in {400, 405, 406} and "mcp-session-id" not in seen.sent:
            yield Fact(("refused a GET", *who), answer)


def _conclude(facts: Facts, scene: Scene) -> Iterator[Diagnosis]:
    for (route, client), tally in facts.of("refused a POST"):
        answered = facts.get("got", route, client) or facts.get("took a POST", route)
        if answered is None and (sure := _wants_get(route, tally, scene)):
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
    for (route, client), tally in facts.of("refused a GET"):
        if facts.get("posted", route, client) is None and (
            sure := _wants_post(tally, facts, route)
        ):
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


def _wants_get(route: str, tally: Tally, scene: Scene) -> Confidence | None:
    """Tell how sure it is that the route serves HTTP+SSE streams."""
    _, status, allow, said = tally.value
    if scene.role(route) == "message":
        return None
    if scene.role(route) == "sse":
        return "certain"
    named = path(route).rstrip("/").endswith("/sse")
    only_get = status == 405 and "GET" in allow and "POST" not in allow
    return "likely" if named or only_get or _SESSION.search(said) else None


def _wants_post(tally: Tally, facts: Facts, route: str) -> Confidence | None:
    """Tell how sure it is that the route serves streamable HTTP."""
    _, status, allow, said = tally.value
    if facts.get("took a POST", route) is not None:
        return "certain"
    named = path(route).rstrip("/").endswith("/mcp")
    only_post = status == 405 and "POST" in allow and "GET" not in allow
    return "likely" if named or only_post or _SESSION.search(said) else None


DIAGNOSIS = Observer[Diagnosis](
    title="Transport mixed up",
    wants=frozenset({"mcp"}),
    exchange=_exchange,
    conclude=_conclude,
)
