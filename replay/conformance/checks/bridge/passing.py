"""What passes through a bridge as it is: tools, calls, results, errors."""

from collections.abc import Callable
from typing import Any

from wiretape.replay.conformance.check import Check, Family, Source, spec
from wiretape.replay.conformance.driving.client import Client, client, result
from wiretape.replay.conformance.driving.tools import callable_tool
from wiretape.replay.conformance.evidence import Evidence, calls
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.talks import Talk, talks
from wiretape.replay.conformance.terms.tools import tools
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_TOOLS, _CALL, _LONG, _ODD = "tools", "a call", "a long answer", "a stream in odd pieces"
_TOOL_ERROR, _ERROR = "a tool's error", "an error of the protocol"

_TEXT = 'Grüße, 世界 😀 "quoted" \\ <&> \t end'


async def play(stage: Stage) -> None:
    """List tools over several pages, and call one that is answered in several ways."""
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
        stage.step("an odd session")
        for fault in ("line-ends:ends=crlf", "odd-chunks"):
            stage.arm(fault)
        stage.arm("unknown-notification", method="tools/call")
        await user.begin()
        stage.step(_ODD)
        await user.tool(tool.name, **tool.arguments(_TEXT))
        stage.disarm()


async def _list(user: Client) -> None:
    """List all pages of tools, at most so many as nobody has."""
    cursor: dict[str, Any] = {}
    for _ in range(100):
        told = result(await user.call("tools/list", **cursor)).get("nextCursor")
        if told is None:
            return
        cursor = {"cursor": told}


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
        keys = {**there[name], **told[name]}.keys() - {"_meta"}  # what is between may add to that
        other = [key for key in sorted(keys) if told[name].get(key) != there[name].get(key)]
        if other:
            return unmet(f"{name} is defined otherwise: {', '.join(other)}", *turns)
    if not both:
        return untestable("no tool was listed on both sides")
    return met(f"{len(both)} tools are defined as by the service", *turns)


def _listed(evidence: Evidence) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the tools that clients were told of, and those of the service, by their names."""
    return _tools_in(talks(evidence.at(_TOOLS).down)), _tools_in(talks(evidence.up))


def _tools_in(said: list[Talk]) -> dict[str, Any]:
    pages = (talk.result for talk in said if talk.method == "tools/list")
    return {
        name: tool for page in pages if isinstance(page, dict) for name, tool in tools(page).items()
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
                same = _plain(talk.outcome) == _plain(there.outcome)
                how = "as the service answered it" if same else _told(talk)
                return judged(same, f"{step} came {how}", talk.turn, there.turn)
            return untestable(f"the service did not answer {step}", talk.turn)
        return untestable("no tool was called")

    return judge


def _plain(outcome: object) -> object:
    """Leave out `_meta`, to which what is between may add, and `isError` if it is the default."""
    if not isinstance(outcome, dict):
        return outcome
    kept = {name: value for name, value in outcome.items() if name != "_meta"}
    return {name: value for name, value in kept.items() if (name, value) != ("isError", False)}


def _told(talk: Talk) -> str:
    if talk.failure is not None:
        return f"as error {talk.failure.code}"
    return f"not at all ({talk.turn.status})" if talk.result is None else "as another result"


_SERVER_TOOLS = "server/tools"

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
            severity="SHOULD",
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
    ),
)
