"""A browser's script may not read `mcp-session-id`, because CORS does not expose it.

A response to another origin shows a script but a few headers, unless it names more in
`access-control-expose-headers` (WHATWG Fetch, CORS protocol). Without its session id the client
goes on without one and is refused.
"""

from collections.abc import Iterator

from wiretape.analysis.concluding.evidence import shown
from wiretape.analysis.diagnosis import Confidence, Diagnosis
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.urls import origin

_SESSION = "mcp-session-id"


def _exchange(seen: Seen) -> Iterator[Fact]:
    asking, given = seen.sent.get("origin"), seen.given
    if _SESSION not in given or asking == origin(seen.url):
        return
    allowed = given.get("access-control-allow-origin")
    if allowed is None or allowed not in {"*", asking}:
        return  # then the script sees nothing at all
    named = ",".join(given.all("access-control-expose-headers")).lower().split(",")
    exposed = {name.strip() for name in named}
    anything = "*" in exposed and given.get("access-control-allow-credentials") != "true"
    if _SESSION not in exposed and not anything:
        yield Fact(("hidden", seen.route), (seen.evidence,))
        if asking is not None:
            yield Fact(("asked by a page", seen.route))


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    for (route,), tally in facts.of("hidden"):
        asked = facts.get("asked by a page", route) is not None
        confidence: Confidence = "certain" if asked else "likely"
        yield Diagnosis(
            id="session_id_not_exposed",
            title="A browser cannot read the session id",
            seen=f"{counted(tally.count, 'answer')} of {route} that other origins may read, with "
            "mcp-session-id, but without it in access-control-expose-headers.",
            cause="CORS is on, but the header is not exposed: a script in a browser or an editor's "
            "web view does not get to see it, and cannot continue its session.",
            remedy="Add access-control-expose-headers: mcp-session-id to the responses of the MCP "
            "endpoint, and mcp-session-id to access-control-allow-headers of the preflight.",
            confidence=confidence,
            evidence=shown(tally),
            source="WHATWG Fetch, CORS protocol: HTTP responses",
        )


DIAGNOSIS = Observer[Diagnosis](
    title="Session id not exposed",
    wants=frozenset({"cors"}),
    exchange=_exchange,
    repeats="kind",
    conclude=_conclude,
)
