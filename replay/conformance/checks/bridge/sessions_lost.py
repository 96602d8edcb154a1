"""Sessions are lost, with the service's or at a restart; clients can tell, and begin anew.

A client begins anew when it hears 404 and renews its token when it hears 401: nothing else helps it
on.
"""

from contextlib import suppress

from wiretape.replay.conformance.check import Check, Family, Source
from wiretape.replay.conformance.driving.client import Client, client
from wiretape.replay.conformance.driving.tools import Tool, callable_tool
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.stage import Stage, StuckError
from wiretape.replay.conformance.terms.talks import Talk, talks
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_GONE, _RESTART = "the service forgot the session", "a restart"
_THEN = "going on after "
_CALL = "tools/call"


async def play(stage: Stage) -> None:
    """Let the service lose a session, then restart the target."""
    async with client(stage) as user:
        await user.login()
        await user.begin()
        tool = await callable_tool(user)
        stage.step(_GONE)
        stage.arm("session-gone:times=1", method=_CALL)
        await _called(stage, user, tool, _GONE)
        if stage.target.restartable:
            stage.step(_RESTART)
            await stage.target.restart()
            await _called(stage, user, tool, _RESTART)


async def _called(stage: Stage, user: Client, tool: Tool, step: str) -> None:
    """Call, and do what a client does that is answered so."""
    answer = await user.tool(tool.name, **tool.arguments(step))
    stage.disarm()
    stage.step(_THEN + step)
    if answer.status_code == 401:
        await user.refresh()
    if answer.status_code in {401, 404}:
        with suppress(StuckError):  # the recording shows it
            await user.begin()
    await user.tool(tool.name, **tool.arguments(_THEN))


def _lost(evidence: Evidence) -> Verdict:
    return _goes_on(evidence, _GONE)


def _restarted(evidence: Evidence) -> Verdict:
    return _goes_on(evidence, _RESTART)


def _goes_on(evidence: Evidence, step: str) -> Verdict:
    made = _calls(evidence, step)
    then = _calls(evidence, _THEN + step)
    if not made or not then:
        return untestable(f"nobody called after {step}")
    first, last = made[0], then[-1]
    status = first.turn.status
    if first.result is not None:
        return met(f"after {step} a call was answered all the same", first.turn)
    if status not in {401, 404}:
        error = "" if first.failure is None else f", error {first.failure.code}"
        return unmet(f"after {step} a call was answered {status}{error}", first.turn)
    seen = f"after {step} a call was answered {status}, and then {last.turn.status}"
    return judged(last.result is not None, seen, first.turn, last.turn)


def _calls(evidence: Evidence, step: str) -> list[Talk]:
    return [talk for talk in talks(evidence.down, _CALL) if talk.turn.step == step]


FAMILY = Family(
    title="Lost sessions",
    play=play,
    seconds=60,
    checks=(
        Check(
            id="session.lost-upstream",
            title="If the service lost the session, calls go on or are answered 404",
            severity="seed",
            source=Source("learnt in production: sessions of the service end at any time"),
            remedy="Begin a new session with the service; or end the client's own with 404.",
            judge=_lost,
        ),
        Check(
            id="session.restart",
            title="After a restart calls go on, or are answered so that clients begin anew",
            severity="seed",
            source=Source("learnt in production: servers are deployed while clients are connected"),
            remedy="Answer 404 to sessions that are not known any more; keep tokens' keys and "
            "grants where they outlive the process.",
            judge=_restarted,
        ),
    ),
)
