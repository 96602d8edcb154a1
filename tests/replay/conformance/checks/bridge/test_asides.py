"""When a pending call shows its status, and where the service's own words go."""

import pytest

from play import call, note, result
from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.checks.bridge.asides import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("aside."): check.judge for check in FAMILY.checks}
MCP, UPSTREAM = f"{TARGET}/mcp", f"{SERVICE}/mcp"
CHANGED = note("notifications/tools/list_changed")
QUESTION = call(1, "elicitation/create", message="Who are you?")


@pytest.mark.parametrize(("shown", "outcome"), [(True, "pass"), (False, "fail")])
def test_a_call_that_is_left_pending(shown: bool, outcome: Outcome) -> None:
    trial = Trial()
    trial.step("a pending call")
    down, up = (trial.post(at, call(1, "tools/call", name="a")) for at in (MCP, UPSTREAM))
    trial.stream(up)
    if shown:
        trial.stream(down)
    trial.end(up, "client abort")
    trial.end(down, "client abort")
    assert JUDGES["head"](trial.evidence).outcome == outcome


@pytest.mark.parametrize(("early", "outcome"), [(True, "pass"), (False, "fail")])
def test_a_call_that_is_answered_on_another_stream(early: bool, outcome: Outcome) -> None:
    trial = Trial()
    sse = trial.listen(f"{SERVICE}/sse")
    trial.stream(sse)
    trial.event(sse, event="endpoint", text="/message?sessionId=abc")
    trial.step("a pending call")
    down = trial.post(MCP, call(1, "tools/call", name="a"))
    up = trial.post(f"{SERVICE}/message?sessionId=abc", call(1, "tools/call", name="a"))
    trial.answer(up, status=202)
    if early:
        trial.stream(down)
    trial.event(sse, result(1))
    if not early:
        trial.stream(down)
    trial.event(down, result(1))
    trial.end(down)
    trial.end(sse)
    assert JUDGES["head"](trial.evidence).outcome == outcome


def listened(*heard: object, told: bool = True) -> Trial:
    trial = Trial()
    trial.answer(trial.post(MCP, call(0, "ping")), result(0))
    trial.step("what the service says itself")
    if told:
        trial.note("told by the service", "notifications/tools/list_changed")
        trial.note("asked by the service", "elicitation/create")
    stream = trial.listen(MCP)
    trial.stream(stream)
    for each in heard:
        trial.event(stream, each)
    trial.end(stream)
    return trial


def test_what_the_service_notifies_of() -> None:
    assert JUDGES["notifications"](listened(CHANGED).evidence).outcome == "pass"
    assert JUDGES["notifications"](listened(QUESTION).evidence).outcome == "fail"
    untold = listened(told=False).evidence
    assert JUDGES["notifications"](untold).outcome == "untestable"
    assert JUDGES["questions"](untold).outcome == "untestable"


@pytest.mark.parametrize(
    ("heard", "status", "passed", "outcome"),
    [
        ((QUESTION,), 202, True, "pass"),
        ((QUESTION,), 202, False, "fail"),
        ((QUESTION,), 400, True, "fail"),
        ((CHANGED,), 202, True, "fail"),
    ],
)
def test_what_the_service_asks(
    heard: tuple[object, ...], status: int, passed: bool, outcome: Outcome
) -> None:
    trial = listened(*heard)
    trial.answer(trial.post(MCP, result(1, action="accept")), status=status)
    if passed:
        trial.answer(trial.post(UPSTREAM, result(1, action="accept")), status=202)
    assert JUDGES["questions"](trial.evidence).outcome == outcome
