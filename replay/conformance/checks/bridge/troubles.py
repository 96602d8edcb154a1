"""The service fails during calls: each ends with a clean error in time, and life goes on."""

from collections.abc import Callable
from contextlib import suppress

from wiretape.replay.conformance.check import Check, Family, Severity, Source, spec
from wiretape.replay.conformance.driving.client import Client, client
from wiretape.replay.conformance.driving.pending import asked_upstream, note_when_due, waited_for
from wiretape.replay.conformance.driving.tools import Tool, callable_tool
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.stage import Stage, StuckError
from wiretape.replay.conformance.terms.ends import ends_clean
from wiretape.replay.conformance.terms.talks import talks
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_BROKEN, _LOST = "the stream breaks off", "the connection is lost"
_REFUSED, _RESET = "connections are refused", "the connection is reset"
_UNAVAILABLE, _LIMITED = "the service answers 503", "the service answers 429"
_MALFORMED = "the service answers what is no JSON"
_AFTER = "after that: "

_MOST_REPEATS = 3
_CALL = "tools/call"

_FAULTS = {
    _UNAVAILABLE: ("unavailable:status=503",),
    _LIMITED: ("unavailable:status=429,retry_after=7",),
    _RESET: ("connection-reset",),
    _MALFORMED: ("malformed-json",),
    _BROKEN: ("unknown-notification:role=mcp", "stream-terminated:after=1,role=mcp"),
}
"""What goes wrong with a tool's call; its answer is a stream where that is to break off."""


async def play(stage: Stage) -> None:
    """Call while the service fails in one way after the other, and again when it is well."""
    async with client(stage) as user:
        note_when_due(stage, user)
        await user.login()
        await user.begin()
        tool = await callable_tool(user)
        for step, faults in _FAULTS.items():
            stage.step(step)
            for fault in faults:
                stage.arm(fault, method=_CALL)
            if step == _BROKEN:  # or it is the stream of the session, which begins in this step
                stage.arm("stream-terminated:after=3", role="sse")
                await _begun(user)
            await _called(stage, user, tool, step)
            await _well(stage, user, tool, step)
        stage.step(_REFUSED)
        stage.arm("connection-refused")
        await _called(stage, user, tool, _REFUSED)
        await _well(stage, user, tool, _REFUSED)
        await _lost(stage, user, tool)
        await _well(stage, user, tool, _LOST)


async def _called(stage: Stage, user: Client, tool: Tool, text: str) -> None:
    await waited_for(stage, user.tool(tool.name, **tool.arguments(text)))


async def _well(stage: Stage, user: Client, tool: Tool, step: str) -> None:
    """Call when all is well again, in a new session if the old one is gone."""
    stage.disarm()
    stage.step(_AFTER + step)
    answer = await user.tool(tool.name, **tool.arguments(step))
    if answer.status_code == 404:
        await _begun(user)
        await user.tool(tool.name, **tool.arguments(step))


async def _begun(user: Client) -> None:
    with suppress(StuckError):  # the recording shows it
        await user.begin()


async def _lost(stage: Stage, user: Client, tool: Tool) -> None:
    """Call, and let the service's connections break when the call is there."""
    stage.step(_LOST)
    stage.arm("latency:seconds=6000", method=_CALL)

    async def meanwhile() -> None:
        await asked_upstream(stage, _CALL)
        stage.arm("connection-refused")

    await waited_for(stage, meanwhile(), user.tool(tool.name, **tool.arguments(_LOST)))


def _recovers(evidence: Evidence) -> Verdict:
    steps = [*_FAULTS, _REFUSED, _LOST]
    shown = []
    for step in steps:
        after = [talk for talk in talks(evidence.down, _CALL) if talk.turn.step == _AFTER + step]
        if not after:
            return untestable(f"nobody called after {step}")
        if after[-1].result is None:
            status = after[-1].turn.status
            return unmet(f"after {step}, a call was answered {status} again", after[-1].turn)
        shown.append(after[-1].turn)
    return met(f"after each of {len(steps)} failures calls are answered", *shown)


def _retry_after(evidence: Evidence) -> Verdict:
    for talk in talks(evidence.down, _CALL):
        if talk.turn.step == _LIMITED:
            told = talk.turn.given.get("retry-after")
            good = talk.turn.status == 429 and told is not None
            return judged(good, f"{talk.turn.status} with Retry-After: {told}", talk.turn)
    return untestable("no call was limited")


def _repeats(evidence: Evidence) -> Verdict:
    counted = {
        step: [talk.turn for talk in talks(evidence.up, _CALL) if talk.turn.step == step]
        for step in _FAULTS
    }
    if not any(counted.values()):
        return untestable("no call came to the service while it failed")
    step, most = max(counted.items(), key=lambda item: len(item[1]))
    seen = f"a call came {len(most)} times to the service while {step}"
    return judged(len(most) <= _MOST_REPEATS, seen, *most[:_MOST_REPEATS])


_ERRORS = spec("2025-06-18", "basic/lifecycle", "error-handling")
_DYING = Source("learnt in production: streams of the service die now and then")


def _check(
    what: str,
    title: str,
    remedy: str,
    judge: Callable[[Evidence], Verdict],
    *,
    source: Source = _ERRORS,
    severity: Severity = "seed",
) -> Check:
    return Check(
        id=f"trouble.{what}",
        title=title,
        severity=severity,
        source=source,
        remedy=remedy,
        judge=judge,
    )


_END_CALLS = "End each call that is waiting when what it waits on ends: with an error of JSON-RPC."

FAMILY = Family(
    title="Troubles of the service",
    play=play,
    seconds=600,
    checks=(
        _check(
            "stream-broken",
            "A stream that breaks off ends the call with a clean error",
            _END_CALLS,
            ends_clean(_BROKEN, _CALL),
            source=_DYING,
        ),
        _check(
            "connection-lost",
            "A connection that is lost in the middle ends the call with a clean error",
            _END_CALLS,
            ends_clean(_LOST, _CALL),
            source=_DYING,
        ),
        _check(
            "refused",
            "If the service cannot be reached, a call ends with a clean error",
            "Answer 502 or an error of JSON-RPC that says so.",
            ends_clean(_REFUSED, _CALL),
            source=Source("learnt in production: the service could not be reached"),
        ),
        _check(
            "reset",
            "If the service resets the connection, a call ends with a clean error",
            "Catch all errors of the HTTP client, not timeouts only.",
            ends_clean(_RESET, _CALL),
        ),
        _check(
            "unavailable",
            "If the service answers 503, a call ends with a clean error",
            "Answer 502 or 503 with JSON, or an error of JSON-RPC.",
            ends_clean(_UNAVAILABLE, _CALL),
        ),
        _check(
            "rate-limited",
            "If the service answers 429, a call ends with a clean error",
            "Answer 429 with JSON, or an error of JSON-RPC.",
            ends_clean(_LIMITED, _CALL),
        ),
        _check(
            "retry-after",
            "Retry-After of the service comes to the client",
            "Answer 429 with the Retry-After that the service told.",
            _retry_after,
            source=Source("learnt in production: clients did not know when to call again"),
            severity="SHOULD",
        ),
        _check(
            "malformed",
            "If the service answers what is no JSON, a call ends with a clean error",
            "Catch what the parser raises.",
            ends_clean(_MALFORMED, _CALL),
        ),
        _check(
            "repeats",
            "A call is not repeated over and over while the service fails",
            "Repeat a call once at most: it may have been done already.",
            _repeats,
            severity="SHOULD",
        ),
        _check(
            "recovers",
            "When the service is well again, calls are answered",
            "Answer 404 for a session that is lost with the connection, or begin it anew.",
            _recovers,
            source=_DYING,
        ),
    ),
)
