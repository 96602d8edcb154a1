"""A 401 at an MCP endpoint says nothing but its headers.

RFC 6750 asks for no more than its challenge. But clients that read the OAuth error from the body,
as the official services give it, get nothing to read; some take an empty answer to a GET for the
end of a stream.
"""

from collections.abc import Iterator

from wiretape.analysis.concluding.evidence import shown
from wiretape.analysis.diagnosis import Confidence, Diagnosis
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.counted import counted


def _exchange(seen: Seen) -> Iterator[Fact]:
    empty = seen.stream is None and (seen.body is None or seen.body.size == 0)
    if seen.status == 401 and seen.is_mcp and empty and seen.method in {"GET", "POST", "DELETE"}:
        challenged = "www-authenticate" in seen.given
        yield Fact(("silent", seen.route, seen.method, challenged), (seen.evidence,))


def _conclude(facts: Facts, scene: Scene) -> Iterator[Diagnosis]:
    for (route, method, challenged), tally in facts.of("silent"):
        if scene.role(route) == "other":
            continue
        confidence: Confidence = "possible" if challenged else "likely"
        yield Diagnosis(
            id="unauthorized_without_body",
            title="A 401 without a body",
            seen=f"{counted(tally.count, 'answer')} 401 to {method} {route} without a body"
            + ("." if challenged else " or a challenge."),
            cause="The server refuses an early request with its headers alone.",
            remedy='Answer with JSON as well, content-type application/json: {"error": '
            '"invalid_token", "error_description": "Missing or invalid access token"}.',
            confidence=confidence,
            evidence=shown(tally),
            source="as the official service answers",
        )


DIAGNOSIS = Observer[Diagnosis](
    title="401 without a body",
    wants=frozenset({"refused"}),
    exchange=_exchange,
    conclude=_conclude,
)
