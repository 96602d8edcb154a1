"""The service leaves calls unanswered: each ends in time, and only its own user waits for it."""

import asyncio
from collections.abc import Callable

from wiretape.replay.conformance.check import Check, Family, spec
from wiretape.replay.conformance.driving.client import Client, client
from wiretape.replay.conformance.driving.pending import asked_upstream, note_when_due, waited_for
from wiretape.replay.conformance.driving.tools import Tool, callable_tool
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.ends import ends_clean
from wiretape.replay.conformance.terms.talks import talks
from wiretape.replay.conformance.verdict import Verdict, judged, unmet, untestable

_HANGING, _OTHERS = "calls hang", "of another user"
_SLOW, _NEVER = "slow", "never"
_CALL, _LIST = "tools/call", "tools/list"
_PROMPT = 2
"""Seconds that a call takes which nothing delays."""


async def play(stage: Stage) -> None:
    """Let several calls of one user hang, each in its way, and have another user call meanwhile."""
    users = stage.config.upstream.users
    async with client(stage, users[0]) as user, client(stage, users[-1]) as other:
        note_when_due(stage, user, other)
        for each in (user, other):
            await each.login()
            await each.begin()
        tool = await callable_tool(user)
        stage.step(_HANGING)
        stage.arm("latency:seconds=900", method=_CALL, user=users[0], times=1)
        stage.arm("accepted-without-answer", method=_CALL, user=users[0], skip=1)
        stage.arm("unknown-notification", method=_LIST, role="mcp", user=users[0])
        stage.arm("stream-stalled:after=1", method=_LIST, role="mcp", user=users[0])
        await waited_for(
            stage,
            _meanwhile(stage, user, other, tool),
            user.tool(tool.name, **tool.arguments(_SLOW)),
            user.call(_LIST),
        )


async def _meanwhile(stage: Stage, user: Client, other: Client, tool: Tool) -> None:
    """Call when the slow call is there: as another user, and what will never be answered."""
    await asked_upstream(stage, _CALL)
    await asyncio.gather(
        other.tool(tool.name, **tool.arguments(_OTHERS)),
        user.tool(tool.name, **tool.arguments(_NEVER)),
    )


def _others(evidence: Evidence) -> Verdict:
    """Judge that the call is quick, or else, on a slow machine, over before those that hang."""
    made = talks(evidence.down, _CALL)
    hanging = [talk.turn.exchange for talk in made if talk.says(_SLOW) or talk.says(_NEVER)]
    over = min((each.last.t for each in hanging if each.last is not None), default=0)
    for talk in made:
        if talk.says(_OTHERS):
            seconds = talk.turn.seconds
            if talk.result is None or seconds is None:
                return unmet(f"a call {_OTHERS} was answered {talk.turn.status}", talk.turn)
            seen = f"a call {_OTHERS} took {seconds:.1f} s"
            good = seconds < _PROMPT or (talk.told_at or over) < over
            return judged(good, seen, talk.turn)
    return untestable("no other user called while calls hang")


_LIFE = spec("2025-06-18", "basic/lifecycle", "timeouts")


def _check(what: str, title: str, remedy: str, judge: Callable[[Evidence], Verdict]) -> Check:
    return Check(
        id=f"hanging.{what}",
        title=title,
        severity="seed",
        source=_LIFE,
        remedy=remedy,
        judge=judge,
    )


FAMILY = Family(
    title="Calls that hang",
    play=play,
    seconds=90,
    checks=(
        _check(
            "slow",
            "If the service takes too long, a call ends with a clean error",
            "Limit the time of each call, and say in an error that it is over.",
            ends_clean(_HANGING, _CALL, _SLOW),
        ),
        _check(
            "silent",
            "If a stream of the service falls silent, a call ends with a clean error",
            "Limit the time until the next message, not only until the answer's head.",
            ends_clean(_HANGING, _LIST),
        ),
        _check(
            "unanswered",
            "If the service takes a call and never answers it, the call ends with a clean error",
            "Take 202 for a call as an error, or limit the time.",
            ends_clean(_HANGING, _CALL, _NEVER),
        ),
        _check(
            "others",
            "While the calls of one user hang, those of another are answered",
            "Wait for each call by itself; share no connection, lock or worker among users.",
            _others,
        ),
    ),
)
