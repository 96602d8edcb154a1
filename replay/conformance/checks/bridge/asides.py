"""What the service says besides an answer, and before it, comes to the client in time."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from wiretape.recorder.log import jsonrpc
from wiretape.replay.conformance.check import Check, Family, Source, spec
from wiretape.replay.conformance.driving.behind import open_sessions
from wiretape.replay.conformance.driving.client import Client, client
from wiretape.replay.conformance.driving.listening import listening
from wiretape.replay.conformance.driving.tools import Tool, callable_tool
from wiretape.replay.conformance.evidence import Evidence, calls
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.talks import talks
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable
from wiretape.replay.mcp.sessions import Session

_PENDING, _ASIDES = "a pending call", "what the service says itself"
_CHANGED, _QUESTION = "notifications/tools/list_changed", "elicitation/create"
_TOLD, _ASKED = "told by the service", "asked by the service"

_SOON = 2
"""Seconds after which a pending call is left."""


async def play(stage: Stage) -> None:
    """Leave a call pending; then listen while the service notifies, and asks something."""
    async with client(stage) as user:
        await user.login()
        await user.begin()
        tool = await callable_tool(user)
        stage.step(_PENDING)
        await _left_pending(stage, user, tool)
        await _asides(stage, user)


async def _left_pending(stage: Stage, user: Client, tool: Tool) -> None:
    """Call, and leave before the answer comes: the service begins it and does not end it."""
    stage.arm("unknown-notification", method="tools/call", role="mcp")
    stage.arm("stream-stalled:after=1", method="tools/call", role="mcp")
    stage.arm("latency:seconds=0.7", method="tools/call", role="message")
    with suppress(TimeoutError):
        async with asyncio.timeout(_SOON):
            await user.tool(tool.name, **tool.arguments(_PENDING))
    stage.disarm()


async def _asides(stage: Stage, user: Client) -> None:
    """Let the service notify the client and ask it something, on the stream of the session."""
    opened = open_sessions(stage)
    before = set(opened)
    await user.begin(elicitation={})
    session = next((each for id_, each in opened.items() if id_ not in before), None)
    stage.step(_ASIDES)
    async with listening(user) as heard:
        stage.note(_TOLD, _CHANGED)
        if session is not None:  # or nobody is there to hear it
            session.tell(_CHANGED)
        await heard.until(lambda so_far: _of(so_far.messages, _CHANGED) is not None)
        stage.note(_ASKED, _QUESTION)
        if session is not None:
            _ask(session)
        await heard.until(lambda so_far: _of(so_far.messages, _QUESTION) is not None)
        question = _of(heard.messages, _QUESTION)
        if question is not None:
            answer = {"action": "accept", "content": {"name": "Ada"}}
            await user.say({"jsonrpc": "2.0", "id": question["id"], "result": answer})


def _ask(session: Session) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    session.ask(_QUESTION, {"message": "Who are you?", "requestedSchema": schema})


def _of(messages: Iterable[Any], method: str) -> dict[str, Any] | None:
    for each in messages:
        if isinstance(each, dict) and each.get("method") == method:
            return each
    return None


def _head(evidence: Evidence) -> Verdict:
    """The service has begun its answer in this step, and is not to end it before it is left."""
    for turn in calls(evidence.at(_PENDING).down, "tools/call"):
        for there in calls(evidence.at(_PENDING).up, "tools/call"):
            begun, asked = turn.exchange.response, there.exchange.response
            if asked is None:
                return untestable("the service did not begin to answer", turn, there)
            told = next((t for t in talks(evidence.up) if t.turn is there), None)
            if begun is None or (told and told.told_at and begun.t >= told.told_at):
                return unmet("a pending call shows its status only when it is answered", turn)
            return met("a pending call shows its status before it is answered", turn, there)
    return untestable("no call was left pending")


def _notified(evidence: Evidence) -> Verdict:
    if _CHANGED not in evidence.noted(_TOLD):
        return untestable("the service said nothing by itself")
    return _came(evidence, _CHANGED)


def _asked(evidence: Evidence) -> Verdict:
    if _QUESTION not in evidence.noted(_ASKED):
        return untestable("the service asked nothing")
    verdict = _came(evidence, _QUESTION)
    if verdict.outcome != "pass":
        return verdict
    replied = [
        turn
        for turn in evidence.at(_ASIDES).turns
        if any(isinstance(each, jsonrpc.Result) for each in turn.said)
    ]
    for turn in replied:
        if turn.side == "down" and turn.status != 202:
            return unmet(f"the client's answer to the service was answered {turn.status}", turn)
    good = any(turn.side == "up" for turn in replied)
    came = "came to the service" if good else "did not come to the service"
    return judged(good, f"the client's answer to its question {came}", *replied)


def _came(evidence: Evidence, method: str) -> Verdict:
    turns = [turn for turn in evidence.at(_ASIDES).down if turn.method == "GET"]
    for turn in evidence.down:
        if any(each.method == method for each in turn.heard):
            return met(f"{method} came to the client", turn)
    if not turns:
        return untestable("nobody listened")
    return unmet(f"{method} did not come to the client ({turns[0].status})", *turns)


FAMILY = Family(
    title="What the service says besides",
    play=play,
    checks=(
        Check(
            id="aside.head",
            title="A pending call shows its status at once",
            severity="SHOULD",
            source=Source("learnt in production: clients post nothing until they see a status"),
            remedy="Begin the answer's stream as soon as the service has taken the call.",
            judge=_head,
        ),
        Check(
            id="aside.notifications",
            title="What the service notifies of comes to the client",
            severity="SHOULD",
            source=spec("2025-06-18", "basic/transports", "listening-for-messages-from-the-server"),
            remedy="Open the service's stream for a client that opens one, and pass it on.",
            judge=_notified,
        ),
        Check(
            id="aside.questions",
            title="What the service asks comes to the client, and the answer to the service",
            severity="SHOULD",
            source=spec("2025-06-18", "client/elicitation", "protocol-messages"),
            remedy="Pass requests of the service on, and take the client's answers by POST.",
            judge=_asked,
        ),
    ),
)
