"""What users get of the service: its tools, all of them, and its answers as they are."""

import json
import math
from functools import partial
from typing import Any

from httpx import Response

from wiretape.analysis.profile.texts import members
from wiretape.recorder.log.raw import value
from wiretape.replay.conformance.check import Check, Family, spec
from wiretape.replay.conformance.driving.behind import profile, text_tool
from wiretape.replay.conformance.driving.person import Person, known_users, person
from wiretape.replay.conformance.evidence import Evidence, Turn, calls
from wiretape.replay.conformance.stage import Stage, StuckError
from wiretape.replay.conformance.terms.endpoint import params
from wiretape.replay.conformance.terms.refusals import beside
from wiretape.replay.conformance.terms.tools import texts, tools
from wiretape.replay.conformance.verdict import Verdict, judged, untestable

_LIST, _PAGES, _CALL = "a list", "a list in pages", "a call"
_FAILED, _UNKNOWN = "a tool that fails", "an unknown tool"
_READ, _SENT = "a tool that was read", "an argument that was sent"
_WRONG = "the tool says that it failed"
_TEXT = 'Grüße, 雪 🎉 "quoted" \\ {port} %7B\n\t</script>' + " long" * 5000


_OTHERS = {"integer": 7, "number": 7.25, "boolean": False, "array": ["7", "sieben"]}
"""Values by their types in JSON Schema."""


async def play(stage: Stage) -> None:
    """List the tools, in pages, too; call with a text that is long and odd; call what fails."""
    tool, argument = text_tool(stage)
    (name,) = known_users(stage, 1)
    async with person(stage, name) as ada:
        await ada.connect()
        for step in (_LIST, _PAGES):
            if step == _PAGES:
                stage.arm("long-list", size=_page(stage))
            stage.step(step)
            answer = await ada.tools()
            stage.disarm()
            for name in _read(ada, answer):
                stage.note(_READ, name)
        arguments = {argument: _TEXT} | _others(stage, tool, argument)
        stage.step(_CALL)
        stage.note(_SENT, json.dumps(arguments))
        await ada.call(tool, **arguments)
        stage.step(_FAILED)
        stage.arm("tool-error", text=_WRONG)
        await ada.call(tool, **{argument: "x"})
        stage.disarm()
        stage.step(_UNKNOWN)
        await ada.call("no_such_tool", **{argument: "x"})


def _page(stage: Stage) -> int:
    """Give how many tools are on a page, of three: each page takes a request more."""
    return max(1, math.ceil(len(stage.service.service.world.profile.tools.tool) / 3))


def _read(user: Person, answer: Response) -> list[str]:
    try:
        return user.listed(answer)
    except StuckError:
        return []


def _others(stage: Stage, tool: str, argument: str) -> dict[str, Any]:
    """Give values for a tool's other arguments, of those that take any of their type."""
    schema = members(profile(stage).tools.tool[tool].input)
    return {
        name: _OTHERS[each["type"]]
        for name, each in schema.get("properties", {}).items()
        if name != argument and each.get("type") in _OTHERS and "enum" not in each
    }


def _listed(step: str, evidence: Evidence) -> Verdict:
    """Judge the names that were read at the gateway beside those that the service listed."""
    at = evidence.at(step)
    turns = calls(evidence.up, "tools/list")
    offered = {name for turn in turns for listed in turn.results for name in tools(listed)}
    if not calls(at.up, "tools/list") or not offered:
        return untestable("the service was not asked for its tools")
    missing = [name for name in offered if name not in at.noted(_READ)]
    more = [name for name in at.noted(_READ) if name not in offered]
    seen = f"of {len(offered)} tools that the service lists {len(missing)} are missing"
    return judged(not missing and not more, f"{seen}, {len(more)} are there beside", *at.down)


def _arguments(evidence: Evidence) -> Verdict:
    at = evidence.at(_CALL)
    for sent in filter(None, map(_members, map(value, at.noted(_SENT)))):
        for turn in calls(at.up, "tools/call"):
            got = _members(params(turn).get("arguments"))
            wrong = [name for name in sent if got.get(name) != sent[name]]
            seen = f"{', '.join(wrong) or 'nothing'} of {len(sent)} arguments came as another"
            return judged(got == sent, seen, *at.down, turn)
    return untestable("no tool was called at the service")


def _members(found: object) -> dict[str, object]:
    return found if isinstance(found, dict) else {}


def _result(evidence: Evidence) -> Verdict:
    """Judge whether the texts of the service's result are in the answer, and all is well."""
    at = evidence.at(_CALL)
    told = _told(at)
    if not told or not at.down:
        return untestable("no tool was called at the service")
    turn = at.down[0]
    shown = "with" if all(text in _said(turn) for text in told) else "without"
    seen = f"a call was answered {turn.status}, {shown} what the tool said"
    return judged(turn.status == 200 and shown == "with", seen, *at.down)


def _failed(evidence: Evidence) -> Verdict:
    """Judge that what a tool says of its failure comes through, and not as a plain success."""
    at = evidence.at(_FAILED)
    if _WRONG not in _told(at) or not at.down:
        return untestable("no tool failed at the service")
    turn = at.down[0]
    shown = "with" if _WRONG in _said(turn) else "without"
    marked = (turn.status or 0) >= 400 or _marked(turn.answer)
    seen = f"a tool's error was answered {turn.status}, {shown} what it says"
    seen += "" if marked else ", and not as an error"
    return judged(shown == "with" and marked, seen, *at.down)


def _marked(answer: object) -> bool:
    """Tell whether an answer says anywhere that it is an error."""
    if isinstance(answer, dict):
        named = any("err" in name.lower() and said for name, said in answer.items())
        return named or any(map(_marked, answer.values()))
    return any(map(_marked, answer)) if isinstance(answer, list) else False


def _unknown(evidence: Evidence) -> Verdict:
    for turn in evidence.at(_UNKNOWN).down:
        status = turn.status or 0
        good = 400 <= status < 500 or (status < 300 and _marked(turn.answer))
        verdict = judged(good, f"a call of an unknown tool was answered {status}", turn)
        known = [each for each in evidence.at(_CALL).down if each.status == 200]
        return beside(verdict, known, "that of a tool that there is")
    return untestable("no unknown tool was called")


def _told(evidence: Evidence) -> list[str]:
    """Give the texts of the results of tools that the service gave."""
    return [
        text
        for turn in calls(evidence.up, "tools/call")
        for called in turn.results
        for text in texts(called)
    ]


def _said(turn: Turn) -> str:
    """Give all texts of an answer, as they are read from its JSON."""
    return json.dumps(turn.answer, ensure_ascii=False) if turn.answer is not None else turn.text


FAMILY = Family(
    title="The service's tools",
    play=play,
    checks=(
        Check(
            id="tools.list",
            title="Users are told of all tools that the service lists",
            severity="MUST",
            source=spec("2025-06-18", "server/tools", "listing-tools"),
            remedy="Answer with what tools/list gives for this user, and nothing else.",
            judge=partial(_listed, _LIST),
        ),
        Check(
            id="tools.pages",
            title="Lists that come in pages are read to their end",
            severity="MUST",
            source=spec("2025-06-18", "server/utilities/pagination", "pagination-model"),
            remedy="Ask again with nextCursor until there is none.",
            judge=partial(_listed, _PAGES),
        ),
        Check(
            id="tools.arguments",
            title="Arguments reach the service as they were given",
            severity="MUST",
            source=spec("2025-06-18", "server/tools", "calling-tools"),
            remedy="Pass the JSON on as it is: no trimming, no re-encoding, no other types.",
            judge=_arguments,
        ),
        Check(
            id="tools.result",
            title="Users get the tool's result",
            severity="MUST",
            source=spec("2025-06-18", "server/tools", "tool-result"),
            remedy="Pass the content of the result on.",
            judge=_result,
        ),
        Check(
            id="tools.error",
            title="That a tool failed, and why, comes through",
            severity="MUST",
            source=spec("2025-06-18", "server/tools", "error-handling"),
            remedy="Pass isError on, with the content: whoever called can do something about it.",
            judge=_failed,
        ),
        Check(
            id="tools.unknown",
            title="An unknown tool is told as the caller's mistake",
            severity="SHOULD",
            source=spec("2025-06-18", "server/tools", "error-handling"),
            remedy="Answer 4xx for JSON-RPC errors -32602 and -32601, no 5xx.",
            judge=_unknown,
        ),
    ),
)
