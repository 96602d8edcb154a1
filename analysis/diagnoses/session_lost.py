"""The server does not know the session any more, and the client goes on with it.

A 404 to a session id says that the session has ended; the client must begin a new one with
`initialize` (MCP 2025-06-18, Transports: session management). Over HTTP+SSE every new stream has a
new address to post to; whoever posts to the old one is not connected.
"""

import re
from bisect import bisect
from collections.abc import Iterator

from wiretape.analysis.concluding.evidence import deliberate, lines, quote, words
from wiretape.analysis.diagnosis import Confidence, Diagnosis
from wiretape.analysis.facts import Fact, Facts, Place
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.jsonrpc import Call, Failure, spoken

_KEPT = 200
_SESSION = re.compile(r"session", re.IGNORECASE)
_RANDOM = re.compile(r"[\w-]{16,}", re.ASCII)
_UNKNOWN_METHOD = -32601  # a 404 as well (MCP 2026-07-28, Transports)

type _Lost = tuple[tuple[Place, ...], str, int, str]


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.method != "POST" or not seen.said or deliberate(seen):
        return
    who = (seen.route, seen.client)
    if any(isinstance(said, Call) and said.method == "initialize" for said in seen.said):
        yield Fact(("began", *who), seen.asked.place, keep=_KEPT)
        return
    if seen.status not in {400, 404}:
        return
    said = words(seen.body)
    session = seen.sent.get("mcp-session-id") or _in_address(seen, said)
    if session and (seen.status == 404 or _SESSION.search(said)) and not _unknown_method(seen):
        yield Fact(("lost", *who), (seen.evidence, session, seen.status, said), keep=_KEPT)


def _in_address(seen: Seen, said: str) -> str | None:
    """Give the parameter that holds a session's id; others may be random too, such as keys."""
    for name, value in seen.parameters.items():
        if _RANDOM.fullmatch(value) and (_SESSION.search(name) or _SESSION.search(said)):
            return value
    return None


def _unknown_method(seen: Seen) -> bool:
    return any(isinstance(m, Failure) and m.code == _UNKNOWN_METHOD for m in spoken(seen.body))


def _conclude(facts: Facts, scene: Scene) -> Iterator[Diagnosis]:
    for (route, client), tally in facts.of("lost"):
        if scene.role(route) not in {"mcp", "message"}:
            continue
        began = facts.get("began", route, client)
        stubborn = _stubborn(tally.values, began.values if began else [])
        if not stubborn:
            continue
        _, _, status, said = stubborn[0]
        confidence: Confidence = "certain" if len(stubborn) > 2 else "likely"
        yield Diagnosis(
            id="session_lost",
            title="The client goes on with a session that is no more",
            seen=f"{quote(scene.client(client))} sent {counted(len(stubborn), 'message')} of one "
            f"session to {route}, answered {status} {quote(said)}, and did not begin a new one.",
            cause="The server was started anew, dropped the session, or is one of several that do "
            "not share sessions; or the stream was opened again and has another address to post "
            "to. The client keeps the old session.",
            remedy="In the client: on 404 forget the session id and send initialize again; after "
            "opening a stream again post to its endpoint event's address. On the server: keep "
            "sessions where all instances find them, or route a session to its instance.",
            confidence=confidence,
            evidence=lines(*(evidence for evidence, *_ in stubborn)),
            source="MCP 2025-06-18, Transports: session management",
        )


def _stubborn(lost: list[_Lost], began: list[Place]) -> list[_Lost]:
    """Give the longest run of messages of one session, sent knowing that it is lost.

    The first is where the client learns it; those that were on their way by then do not count.
    """
    runs: dict[tuple[str, int], list[_Lost]] = {}
    for each in lost:
        evidence, session, *_ = each
        run = runs.setdefault((session, bisect(began, evidence[0])), [])
        if not run or evidence[0] > run[0][0][1]:
            run.append(each)
    longest = max(runs.values(), key=len, default=[])
    return longest if len(longest) > 1 else []


DIAGNOSIS = Observer[Diagnosis](
    title="Session lost",
    wants=frozenset({"mcp"}),
    exchange=_exchange,
    repeats="kind",
    conclude=_conclude,
)
