"""Sessions of clients are over when they end them, and the service's with them."""

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress

from wiretape.replay.conformance.check import Check, Family, spec
from wiretape.replay.conformance.driving.behind import open_sessions
from wiretape.replay.conformance.driving.client import client
from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.endpoint import endpoint_turns
from wiretape.replay.conformance.terms.refusals import beside, served
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_DELETED, _AFTER = "DELETE", "after DELETE"
_SOON = 5
"""Seconds in which what a client ends is ended upstream."""


async def play(stage: Stage) -> None:
    """Call, end the session, and call once more."""
    async with client(stage) as user:
        await user.login()
        opened = open_sessions(stage)
        before = set(opened)
        await user.begin()
        its = set(opened) - before
        await user.call("ping")
        stage.step(_DELETED)
        await user.leave()
        await _until(lambda: not its & opened.keys())
        stage.step(_AFTER)
        await user.call("ping")


async def _until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, not for long: the recording shows whether it did."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_SOON):
            while not holds():  # noqa: ASYNC110 - sessions do not tell
                await asyncio.sleep(0.01)


def _ended(evidence: Evidence) -> Verdict:
    """405 says that clients may not end sessions, which is allowed."""
    for turn in endpoint_turns(evidence, _DELETED):
        if turn.status == 405:
            return met("DELETE is not offered", turn)
        if turn.status is None or not 200 <= turn.status < 300:
            return unmet(f"DELETE was answered {turn.status}", turn)
        for after in endpoint_turns(evidence, _AFTER):
            seen = f"after DELETE ({turn.status}) a call was answered {after.status}"
            within = [each for each in served(evidence) if "mcp-session-id" in each.sent]
            return beside(judged(after.status == 404, seen, turn, after), within, "one before that")
    return untestable("no session was ended")


def _ended_upstream(evidence: Evidence) -> Verdict:
    """A session ends by DELETE; that of HTTP+SSE when its stream is left."""
    for turn in endpoint_turns(evidence, _DELETED):
        if turn.status == 405:
            return met("DELETE is not offered", turn)
        line = turn.exchange.lines.request
        open_ = [
            there for there in evidence.up if _opens(there) and not _over(there, evidence, line)
        ]
        if not open_:
            return met("no session with the service was open", turn)
        ended = [there for there in open_ if _over(there, evidence)]
        seen = f"of the sessions with the service {len(ended)} of {len(open_)} were ended"
        return judged(bool(ended), seen, turn, *open_)
    return untestable("no session was ended")


def _opens(there: Turn) -> bool:
    """Tell whether a session with the service begins here."""
    if there.rpc == "initialize":
        return "mcp-session-id" in there.given
    return there.method == "GET" and "mcp-session-id" not in there.sent and bool(there.heard)


def _over(there: Turn, evidence: Evidence, line: float = math.inf) -> bool:
    """Tell whether the session that begins there is over, before this line of the recording."""
    if there.method == "GET":
        return (there.exchange.lines.last or math.inf) < line
    id_ = there.given.get("mcp-session-id")
    return any(
        each.method == "DELETE"
        and each.sent.get("mcp-session-id") == id_
        and each.exchange.lines.request < line
        for each in evidence.up
    )


_SESSIONS = spec("2025-06-18", "basic/transports", "session-management")

FAMILY = Family(
    title="Ended sessions",
    play=play,
    checks=(
        Check(
            id="session.ended",
            title="DELETE ends a session: afterwards it is not there",
            severity="MUST",
            source=_SESSIONS,
            remedy="Answer 2xx to DELETE, then 404; or 405 if clients may not end sessions.",
            judge=_ended,
        ),
        Check(
            id="session.ended-upstream",
            title="When a session ends, the one with the service does, too",
            severity="SHOULD",
            source=_SESSIONS,
            remedy="Send DELETE to the service, or leave the stream of HTTP+SSE.",
            judge=_ended_upstream,
        ),
    ),
)
