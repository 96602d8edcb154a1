"""What passes through a bridge: tools, calls, results, errors, and what the service says itself."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from wiretape.recorder.log import jsonrpc
from wiretape.replay.conformance.check import Check, Family, Source, spec
from wiretape.replay.conformance.driving.client import Client, client, result
from wiretape.replay.conformance.driving.listening import listening
from wiretape.replay.conformance.driving.tools import Tool, callable_tool
from wiretape.replay.conformance.evidence import Evidence, calls
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.talks import Talk, talks
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable
from wiretape.replay.mcp.sessions import Session

_TOOLS, _CALL, _LONG, _ODD = "tools", "a call", "a long answer", "a stream in odd pieces"
_TOOL_ERROR, _ERROR = "a tool's error", "an error of the protocol"
_PENDING, _ASIDES = "a pending call", "what the service says itself"
_CHANGED, _QUESTION = "notifications/tools/list_changed", "elicitation/create"
_TOLD, _ASKED = "told by the service", "asked by the service"

_TEXT = 'Grüße, 世界 😀 "quoted" \\ <&> \t end'
_SOON = 1
"""Seconds after which a pending call is left."""


async def play(stage: Stage) -> None:
    """List tools over several pages, call one in several ways, and let the service speak."""
    async with client(stage) as user:
        await user.login()
        await user.begin()
        stage.step(_TOOLS)
        stage.arm("long-list:size=7")
        await _list(user)
        stage.disarm()
        stage.step("a tool")
        tool = await callable_tool(user)
        stage.step(_CALL)
        await user.tool(tool.name, **tool.arguments(_TEXT))
        for step, fault in (
            (_LONG, "oversized-event:size=300000"),
            (_TOOL_ERROR, "tool-error:text=Not today"),
            (_ERROR, "error-instead:code=-32042,message=Not at all"),
        ):
            stage.step(step)
            stage.arm(fault, method="tools/call")
            await user.tool(tool.name, **tool.arguments(step))
            stage.disarm()
        stage.step(_PENDING)
        await _left_pending(stage, user, tool)
        stage.step("an odd session")
        for fault in ("line-ends:ends=crlf", "odd-chunks"):
            stage.arm(fault)
        stage.arm("unknown-notification", method="tools/call")
        await user.begin()
        stage.step(_ODD)
        await user.tool(tool.name, **tool.arguments(_TEXT))
        stage.disarm()
        await _asides(stage, user)


async def _list(user: Client) -> None:
    """List all pages of tools, at most so many as nobody has."""
    cursor: dict[str, Any] = {}
    for _ in range(100):
        told = result(await user.call("tools/list", **cursor)).get("nextCursor")
        if told is None:
            return
        cursor = {"cursor": told}


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
    opened = stage.service.service.world.sessions.open
    before = set(opened)
    await user.begin(elicitation={})
    session = next((each for id_, each in opened.items() if id_ not in before), None)
    if session is None or session.stream is None:
        return
    stage.step(_ASIDES)
    async with listening(user) as heard:
        stage.note(_TOLD, _CHANGED)
        session.tell(_CHANGED)
        await heard.until(lambda so_far: _of(so_far.messages, _CHANGED) is not None)
        stage.note(_ASKED, _QUESTION)
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


def _tools(evidence: Evidence) -> Verdict:
    told, there = _listed(evidence)
    if not there:
        return untestable("the service was not asked for its tools")
    missing, more = there.keys() - told.keys(), told.keys() - there.keys()
    turns = calls(evidence.at(_TOOLS).down, "tools/list")
    if missing or more:
        how = "missing" if missing else "not the service's"
        first = min(missing or more)
        return unmet(f"{len(missing or more)} tools are {how}, such as {first}", *turns)
    return met(f"all {len(there)} tools are listed", *turns)


def _definitions(evidence: Evidence) -> Verdict:
    told, there = _listed(evidence)
    turns = calls(evidence.at(_TOOLS).down, "tools/list")
    both = sorted(told.keys() & there.keys())
    for name in both:
        keys = {**there[name], **told[name]}
        other = [key for key in keys if told[name].get(key) != there[name].get(key)]
        if other:
            return unmet(f"{name} is defined otherwise: {', '.join(other)}", *turns)
    if not both:
        return untestable("no tool was listed on both sides")
    return met(f"{len(both)} tools are defined as by the service", *turns)


def _listed(evidence: Evidence) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the tools that clients were told of, and those of the service, by their names."""
    return _tools_in(talks(evidence.at(_TOOLS).down)), _tools_in(talks(evidence.up))


def _tools_in(said: list[Talk]) -> dict[str, Any]:
    return {
        tool["name"]: tool
        for talk in said
        if talk.method == "tools/list" and isinstance(talk.result, dict)
        for tool in talk.result.get("tools", ())
    }


def _arguments(evidence: Evidence) -> Verdict:
    asked = talks(evidence.at(_CALL).down, "tools/call")
    for talk in asked:
        given = [talk.params.get(key) for key in ("name", "arguments")]
        for there in talks(evidence.at(_CALL).up, "tools/call"):
            same = [there.params.get(key) for key in ("name", "arguments")] == given
            how = "as it was made" if same else "otherwise"
            return judged(same, f"a tool's call came to the service {how}", talk.turn, there.turn)
        return unmet("a tool's call did not come to the service", talk.turn)
    return untestable("no tool was called")


def _equal(step: str) -> Callable[[Evidence], Verdict]:
    """Judge that the outcome of the step's call is what the service answered."""

    def judge(evidence: Evidence) -> Verdict:
        for talk in talks(evidence.at(step).down, "tools/call"):
            for there in talks(evidence.up, "tools/call"):
                if there.turn.step != step or there.outcome is None:
                    continue
                same = talk.outcome == there.outcome
                how = "as the service answered it" if same else _told(talk)
                return judged(same, f"{step} came {how}", talk.turn, there.turn)
            return untestable(f"the service did not answer {step}", talk.turn)
        return untestable("no tool was called")

    return judge


def _told(talk: Talk) -> str:
    if talk.failure is not None:
        return f"as error {talk.failure.code}"
    return f"not at all ({talk.turn.status})" if talk.result is None else "as another result"


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


_SERVER_TOOLS = "server/tools"
_BOTH_WAYS = Source("learnt in production: clients post nothing more before they see a status")

FAMILY = Family(
    title="What passes",
    play=play,
    checks=(
        Check(
            id="passing.tools",
            title="All tools of the service are listed, from all pages",
            severity="MUST",
            source=spec(
                "2025-06-18", "server/utilities/pagination", "operations-supporting-pagination"
            ),
            remedy="Pass cursor and nextCursor on, or collect all pages before answering.",
            judge=_tools,
        ),
        Check(
            id="passing.definitions",
            title="Tools are defined as the service defines them",
            severity="MUST",
            source=spec("2025-06-18", _SERVER_TOOLS, "tool"),
            remedy="Pass definitions on as they are: with schemas, annotations and what is new.",
            judge=_definitions,
        ),
        Check(
            id="passing.arguments",
            title="Arguments come to the service as they were given",
            severity="MUST",
            source=spec("2025-06-18", _SERVER_TOOLS, "calling-tools"),
            remedy="Pass name and arguments on as they are, in UTF-8.",
            judge=_arguments,
        ),
        Check(
            id="passing.result",
            title="A result comes as the service gave it",
            severity="MUST",
            source=spec("2025-06-18", _SERVER_TOOLS, "tool-result"),
            remedy="Pass content, structuredContent, isError and _meta on as they are.",
            judge=_equal(_CALL),
        ),
        Check(
            id="passing.long",
            title="A long result comes whole",
            severity="MUST",
            source=spec("2025-06-18", _SERVER_TOOLS, "tool-result"),
            remedy="Do not limit lines, events or bodies to what is usual.",
            judge=_equal(_LONG),
        ),
        Check(
            id="passing.tool-error",
            title="A tool's error is a result with isError",
            severity="MUST",
            source=spec("2025-06-18", _SERVER_TOOLS, "error-handling"),
            remedy="Pass results with isError on: models read them; an error of JSON-RPC they "
            "never see.",
            judge=_equal(_TOOL_ERROR),
        ),
        Check(
            id="passing.error",
            title="An error of JSON-RPC comes with its code and message",
            severity="MUST",
            source=spec("2025-06-18", _SERVER_TOOLS, "error-handling"),
            remedy="Pass errors on as they are, under the client's id.",
            judge=_equal(_ERROR),
        ),
        Check(
            id="passing.odd-stream",
            title="A stream is understood wherever it is cut, and if its lines end in CRLF",
            severity="MUST",
            source=Source(
                "WHATWG HTML, 9.2.5", "https://html.spec.whatwg.org/#parsing-an-event-stream"
            ),
            remedy="Take a parser of event streams; lines end in LF, CR or CRLF, chunks anywhere.",
            judge=_equal(_ODD),
        ),
        Check(
            id="passing.head",
            title="A pending call shows its status at once",
            severity="SHOULD",
            source=_BOTH_WAYS,
            remedy="Begin the answer's stream as soon as the service has taken the call.",
            judge=_head,
        ),
        Check(
            id="passing.notifications",
            title="What the service notifies of comes to the client",
            severity="SHOULD",
            source=spec("2025-06-18", "basic/transports", "listening-for-messages-from-the-server"),
            remedy="Open the service's stream for a client that opens one, and pass it on.",
            judge=_notified,
        ),
        Check(
            id="passing.questions",
            title="What the service asks comes to the client, and the answer to the service",
            severity="SHOULD",
            source=spec("2025-06-18", "client/elicitation", "protocol-messages"),
            remedy="Pass requests of the service on, and take the client's answers by POST.",
            judge=_asked,
        ),
    ),
)
