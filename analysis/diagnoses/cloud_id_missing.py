"""A request with a user's token does not say which Atlassian site it is for.

mcp-atlassian takes `X-Atlassian-Cloud-Id` beside the Bearer; without it some versions answer 400,
others ask a site that is not the user's. Few servers want that header: that this one does is told
by the error, by requests that had it, or by the server's own name and tools.
"""

import re
from collections.abc import Iterator

from wiretape.analysis.concluding.evidence import deliberate, quote, shown, words
from wiretape.analysis.diagnosis import Confidence, Diagnosis
from wiretape.analysis.facts import Fact, Facts, Place
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.analysis.traffic.turns import Turn
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.raw import fields, text

_HEADER = "x-atlassian-cloud-id"
_SERVER = "Atlassian MCP"
_CLOUD = re.compile(r"cloud[ _-]?id", re.IGNORECASE)
_OTHERWISE = re.compile(r"session|accept|content-type|protocol|version|parse|json", re.IGNORECASE)
_NOTHING = re.compile(
    r"(?:[\W\d_]|error|message|status|code|title|detail|bad|request)*", re.IGNORECASE
)
"""A body that does not say what is wrong."""
_WRONG_SITE = re.compile(
    r"cloud[ _-]?id|\b(?:401|403|404)\b|unauthorized|forbidden|\bsite\b", re.IGNORECASE
)


def _exchange(seen: Seen) -> Iterator[Fact]:
    scheme, _, token = (seen.sent.get("authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not token or not seen.said or deliberate(seen):
        return
    if _HEADER in seen.sent:
        yield Fact(("with", seen.route))
        return
    yield Fact(("without", seen.route))
    if seen.status is not None and seen.status < 400:
        yield Fact(("taken", seen.route))
    said = words(seen.body)
    if seen.status == 400 and (_CLOUD.search(said) or not _OTHERWISE.search(said)):
        yield Fact(("refused", seen.route), (seen.evidence, said))


def _turn(turn: Turn) -> Iterator[Fact]:
    if turn.method == "initialize":
        if text(fields(fields(turn.result).get("serverInfo")).get("name")) == _SERVER:
            yield Fact(("atlassian", turn.route))
    elif turn.method == "tools/call" and turn.by == "client":
        said = _error(turn)
        if said and _WRONG_SITE.search(said):
            evidence = (turn.asked.place, turn.point.place)
            yield Fact(("call", turn.route), (evidence, said))


def _error(turn: Turn) -> str:
    """Give what a tool call failed with; nothing if it did not."""
    if turn.result is not None and b'"isError"' in bytes(turn.result):
        result = fields(turn.result)
        if bytes(result.get("isError", b"")) == b"true":
            return bytes(result.get("content", b""))[:4096].decode(errors="replace")
    return turn.message or ""


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    for (route,), _without in facts.of("without"):
        sent, atlassian = facts.get("with", route), facts.get("atlassian", route)
        refused, wrong = facts.get("refused", route), facts.get("call", route)
        if refused is not None:
            named = next((said for _, said in refused.values if _CLOUD.search(said)), None)
            if named is not None or sent is not None or atlassian is not None:
                missed = sent is not None and facts.get("taken", route) is None
                nothing = all(_NOTHING.fullmatch(said) for _, said in refused.values)
                yield _diagnosis(
                    f"{counted(refused.count, 'request')} to {route} with a Bearer and without "
                    f"X-Atlassian-Cloud-Id: 400 {quote(named or refused.value[1])}."
                    + (" Other requests had the header." if sent else ""),
                    "certain"
                    if named is not None
                    else "likely"
                    if missed and nothing
                    else "possible",
                    shown(refused),
                )
        elif wrong is not None and atlassian is not None and sent is None:
            named = next((said for _, said in wrong.values if _CLOUD.search(said)), None)
            yield _diagnosis(
                f"{counted(wrong.count, 'tool call')} at {route} with a Bearer and without "
                f"X-Atlassian-Cloud-Id failed: {quote(named or wrong.value[1])}.",
                "possible" if named is None else "likely",
                shown(wrong),
            )


def _diagnosis(seen: str, confidence: Confidence, evidence: tuple[Place, ...]) -> Diagnosis:
    return Diagnosis(
        id="cloud_id_missing",
        title="The request does not say which Atlassian site it is for",
        seen=seen,
        cause="The client passes on the user's token, but not the cloud id of the user's site, so "
        "the server does not know which site to ask, or asks the one it is configured with.",
        remedy="Send X-Atlassian-Cloud-Id with every request that has the user's Bearer; the id "
        "is in the answer of https://api.atlassian.com/oauth/token/accessible-resources.",
        confidence=confidence,
        evidence=evidence,
        source="mcp-atlassian: authentication per request",
    )


DIAGNOSIS = Observer[Diagnosis](
    title="Cloud id missing",
    wants=frozenset({"bearer"}),
    exchange=_exchange,
    turn=_turn,
    repeats="kind",
    conclude=_conclude,
)
