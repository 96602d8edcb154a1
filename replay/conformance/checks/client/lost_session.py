"""A session that the service has forgotten."""

from wiretape.replay.conformance.check import Check, Family, spec
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.targets.client import ClientStage
from wiretape.replay.conformance.terms.visits import later
from wiretape.replay.conformance.verdict import Verdict, judged, unmet, untestable


async def play(stage: ClientStage) -> None:
    """Forget the session when tools are listed."""
    await stage.visit("session-gone:method=tools/list,times=1")


def _renewed(evidence: Evidence) -> Verdict:
    lost = [turn for turn in evidence.up if turn.status == 404 and turn.sent.get("mcp-session-id")]
    if not lost:
        return untestable("no request of a session was answered with 404")
    begun = [turn for turn in later(evidence, lost[0]) if turn.rpc == "initialize"]
    if not begun:
        return unmet("after the 404 no session was begun", lost[0])
    named = begun[0].sent.get("mcp-session-id")
    seen = "a new session was begun" + (" with the old id" if named else "")
    return judged(named is None, seen, lost[0], begun[0])


FAMILY = Family(
    title="A session that is gone",
    play=play,
    checks=(
        Check(
            id="session.renewed",
            title="Where a session is gone, a new one is begun",
            severity="MUST",
            source=spec("2025-06-18", "basic/transports", "session-management"),
            remedy="At 404 with a session's id send initialize without one.",
            judge=_renewed,
        ),
    ),
)
