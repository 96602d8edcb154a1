"""A client cancels a call: the service is told which, so that it need not go on."""

import asyncio
from collections.abc import Iterable

from wiretape.recorder.log.jsonrpc import Call, Id
from wiretape.replay.conformance.check import Check, Family, spec
from wiretape.replay.conformance.driving.client import client
from wiretape.replay.conformance.driving.pending import asked_upstream
from wiretape.replay.conformance.driving.tools import callable_tool
from wiretape.replay.conformance.evidence import Evidence, Turn, calls
from wiretape.replay.conformance.stage import Stage, StuckError
from wiretape.replay.conformance.terms.endpoint import params
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_CANCELLED, _CALL, _NOTICE = "a call is cancelled", "tools/call", "notifications/cancelled"
_ID = "the-call-that-is-cancelled"

_SOON = 5
"""Seconds in which the service is told."""


async def play(stage: Stage) -> None:
    """Cancel a call that the service has begun to answer, and does not end."""
    async with client(stage) as user:
        await user.login()
        await user.begin()
        tool = await callable_tool(user)
        stage.step(_CANCELLED)
        stage.arm("unknown-notification", method=_CALL, role="mcp")
        stage.arm("stream-stalled:after=1", method=_CALL, role="mcp")
        stage.arm("latency:seconds=900", method=_CALL, role="message")
        asked = {"name": tool.name, "arguments": tool.arguments(_CANCELLED)}
        call = {"jsonrpc": "2.0", "id": _ID, "method": _CALL, "params": asked}
        pending = asyncio.create_task(user.say(call))
        taken, told = (
            asyncio.create_task(asked_upstream(stage, method)) for method in (_CALL, _NOTICE)
        )
        try:
            await asyncio.wait({pending, taken}, return_when=asyncio.FIRST_COMPLETED)
            if not taken.done():
                raise StuckError("the call was over before the service was asked")
            notice = {"requestId": _ID, "reason": "Nobody waits for it"}
            await user.say({"jsonrpc": "2.0", "method": _NOTICE, "params": notice})
            await asyncio.wait({told}, timeout=_SOON)
        finally:
            for task in (pending, taken, told):
                task.cancel()
            await asyncio.gather(pending, taken, told, return_exceptions=True)


def _passed(evidence: Evidence) -> Verdict:
    at = evidence.at(_CANCELLED)
    asked, there = calls(at.down, _NOTICE), calls(at.up, _CALL)
    if not asked or not there:
        return untestable("no call was cancelled that the service had taken")
    told = calls(at.up, _NOTICE)
    if not told:
        return unmet("the service was not told that a call is cancelled", *there, *asked)
    good = any(params(turn).get("requestId") in _ids(there) for turn in told)
    how = "by its id there" if good else "by another id"
    return judged(good, f"the service was told of the cancelled call {how}", *there, *asked, *told)


def _known(evidence: Evidence) -> Verdict:
    asked, told = (calls(turns, _NOTICE) for turns in (evidence.down, evidence.up))
    made = _ids(evidence.up)
    for turn in told:
        number = params(turn).get("requestId")
        if number not in made:
            return unmet(f"upstream {number!r} was cancelled, and nothing was called so", turn)
    if not asked:
        return untestable("no call was cancelled")
    return met("nothing was cancelled upstream that was not called there", *asked, *told)


def _ids(turns: Iterable[Turn]) -> list[Id]:
    """Give the ids of what was called."""
    return [each.id for turn in turns for each in turn.said if isinstance(each, Call)]


_RULES = spec("2025-06-18", "basic/utilities/cancellation", "behavior-requirements")

FAMILY = Family(
    title="Calls that are cancelled",
    play=play,
    checks=(
        Check(
            id="cancel.passed",
            title="The service is told of a call that its client cancels",
            severity="SHOULD",
            source=_RULES,
            remedy="Pass notifications/cancelled on, with the call's id as the service has it.",
            judge=_passed,
        ),
        Check(
            id="cancel.known",
            title="What is cancelled upstream was called there, under that id",
            severity="MUST",
            source=_RULES,
            remedy="Put the id under which the bridge called the service in requestId.",
            judge=_known,
        ),
    ),
)
