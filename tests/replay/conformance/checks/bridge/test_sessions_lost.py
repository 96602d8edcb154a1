"""How a client goes on after its session was lost."""

import pytest

from play import call, failure, result
from trials import TARGET, Trial
from wiretape.replay.conformance.checks.bridge.sessions_lost import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("session."): check.judge for check in FAMILY.checks}
MCP = f"{TARGET}/mcp"
STEPS = {"lost-upstream": "the service forgot the session", "restart": "a restart"}


@pytest.mark.parametrize("check", STEPS)
@pytest.mark.parametrize(
    ("status", "answer", "then", "outcome"),
    [
        (200, result(1), 200, "pass"),
        (404, None, 200, "pass"),
        (401, None, 200, "pass"),
        (404, None, 401, "fail"),
        (200, failure(1), 200, "fail"),
        (502, failure(1), 200, "fail"),
        (400, None, 200, "fail"),
    ],
)
def test_what_is_answered(
    check: str, status: int, answer: object, then: int, outcome: Outcome
) -> None:
    trial = Trial()
    trial.step(STEPS[check])
    trial.answer(trial.post(MCP, call(1, "tools/call", name="a")), answer, status=status)
    trial.step(f"going on after {STEPS[check]}")
    again = trial.post(MCP, call(2, "tools/call", name="a"))
    trial.answer(again, result(2) if then == 200 else None, status=then)
    assert JUDGES[check](trial.evidence).outcome == outcome
    other = next(each for each in STEPS if each != check)
    assert JUDGES[other](trial.evidence).outcome == "untestable"
