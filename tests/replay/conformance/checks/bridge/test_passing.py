"""Tools, arguments and answers on both sides, compared."""

import pytest

from play import call, failure, result
from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.checks.bridge.passing import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("passing."): check.judge for check in FAMILY.checks}
MCP, UPSTREAM = f"{TARGET}/mcp", f"{SERVICE}/mcp"
TOOLS = [{"name": "a", "inputSchema": {"type": "object"}}, {"name": "b", "title": "B"}]
DONE = result(1, content=[])


@pytest.mark.parametrize(
    ("told", "tools", "definitions"),
    [
        (TOOLS, "pass", "pass"),
        (TOOLS[:1], "fail", "pass"),
        ([*TOOLS, {"name": "c"}], "fail", "pass"),
        ([TOOLS[0], {"name": "b"}], "pass", "fail"),
        ([], "fail", "untestable"),
    ],
)
def test_tools(told: list[dict[str, object]], tools: Outcome, definitions: Outcome) -> None:
    trial = Trial()
    trial.step("tools")
    trial.answer(trial.post(MCP, call(1, "tools/list")), result(1, tools=told))
    first, second = ({"tools": [each]} for each in TOOLS)
    trial.answer(trial.post(UPSTREAM, call(1, "tools/list")), result(1, nextCursor="2", **first))
    trial.answer(trial.post(UPSTREAM, call(2, "tools/list", cursor="2")), result(2, **second))
    evidence = trial.evidence
    assert JUDGES["tools"](evidence).outcome == tools
    assert JUDGES["definitions"](evidence).outcome == definitions


@pytest.mark.parametrize(
    ("arguments", "outcome"),
    [({"text": "Grüße"}, "pass"), ({"text": "Gr??e"}, "fail"), ({}, "fail"), (None, "fail")],
)
def test_arguments(arguments: dict[str, str] | None, outcome: Outcome) -> None:
    trial = Trial()
    trial.step("a call")
    made = trial.post(MCP, call(1, "tools/call", name="a", arguments={"text": "Grüße"}))
    if arguments is not None:
        there = trial.post(UPSTREAM, call(7, "tools/call", name="a", arguments=arguments))
        trial.answer(there, result(7, content=[]))
    trial.answer(made, DONE)
    assert JUDGES["arguments"](trial.evidence).outcome == outcome


@pytest.mark.parametrize(
    ("check", "step", "there", "told", "outcome"),
    [
        ("result", "a call", DONE, DONE, "pass"),
        ("result", "a call", DONE, result(1, content=[], more=1), "fail"),
        ("result", "a call", DONE, result(1, content=[], isError=False, _meta={"a": 1}), "pass"),
        ("result", "a call", DONE, result(1, content=[], isError=True), "fail"),
        ("result", "a call", DONE, result(1), "fail"),
        ("result", "a call", DONE, failure(1), "fail"),
        ("result", "a call", None, DONE, "untestable"),
        ("result", "another", DONE, DONE, "untestable"),
        ("tool-error", "a tool's error", result(1, isError=True), result(1, isError=True), "pass"),
        ("tool-error", "a tool's error", result(1, isError=True), failure(1), "fail"),
        ("error", "an error of the protocol", failure(1, -32042), failure(1, -32042), "pass"),
        ("error", "an error of the protocol", failure(1, -32042), failure(1, -32603), "fail"),
        ("error", "an error of the protocol", failure(1), result(1, isError=True), "fail"),
    ],
)
def test_answers(check: str, step: str, there: object, told: object, outcome: Outcome) -> None:
    trial = Trial()
    trial.step(step)
    made = call(1, "tools/call", name="a")
    trial.answer(trial.post(UPSTREAM, made), there, status=200 if there else 503)
    trial.answer(trial.post(MCP, made), told)
    assert JUDGES[check](trial.evidence).outcome == outcome
