"""What became of calls while the service failed, and afterwards."""

import pytest

from play import call, failure, result
from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.checks.bridge.hanging import FAMILY as HANGING
from wiretape.replay.conformance.checks.bridge.troubles import FAMILY as TROUBLES
from wiretape.replay.conformance.terms.due import DUE
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id: check.judge for check in (*TROUBLES.checks, *HANGING.checks)}
MCP, UPSTREAM = f"{TARGET}/mcp", f"{SERVICE}/mcp"
JSON = {"content-type": "application/json"}
STEPS = {
    "trouble.stream-broken": "the stream breaks off",
    "trouble.connection-lost": "the connection is lost",
    "trouble.refused": "connections are refused",
    "trouble.reset": "the connection is reset",
    "trouble.unavailable": "the service answers 503",
    "trouble.rate-limited": "the service answers 429",
    "trouble.malformed": "the service answers what is no JSON",
}
MADE = call(1, "tools/call", name="a", arguments={"text": "x"})


def failed(step: str, status: int, answer: object, *, seconds: float = 0, times: int = 1) -> Trial:
    trial = Trial()
    trial.note(DUE, "5")
    trial.step(step)
    asked = trial.post(MCP, MADE)
    for _ in range(times):
        trial.answer(trial.post(UPSTREAM, MADE), status=503)
    trial.later(seconds)
    trial.answer(asked, answer, status=status, headers=JSON)
    return trial


@pytest.mark.parametrize("check", STEPS)
def test_a_call_ends_clean(check: str) -> None:
    for status, answer, seconds, outcome in (
        (502, failure(1), 0, "pass"),
        (200, failure(1), 4, "pass"),
        (200, failure(1), 6, "fail"),
        (200, result(1), 0, "fail"),
        (500, None, 0, "fail"),
    ):
        evidence = failed(STEPS[check], status, answer, seconds=seconds).evidence
        assert JUDGES[check](evidence).outcome == outcome
        for other in STEPS.keys() - {check}:
            assert JUDGES[other](evidence).outcome == "untestable"


@pytest.mark.parametrize(("times", "outcome"), [(1, "pass"), (3, "pass"), (4, "fail")])
def test_a_call_is_not_repeated_over_and_over(times: int, outcome: Outcome) -> None:
    trial = failed("the service answers 503", 502, failure(1), times=times)
    assert JUDGES["trouble.repeats"](trial.evidence).outcome == outcome


@pytest.mark.parametrize(
    ("status", "later", "outcome"), [(429, "7", "pass"), (429, None, "fail"), (502, "7", "fail")]
)
def test_retry_after(status: int, later: str | None, outcome: Outcome) -> None:
    trial = Trial()
    trial.step("the service answers 429")
    trial.answer(trial.post(MCP, MADE), status=status, headers={"retry-after": later})
    assert JUDGES["trouble.retry-after"](trial.evidence).outcome == outcome


def test_all_is_well_after_each_failure() -> None:
    trial, lacking = Trial(), Trial()
    for step in STEPS.values():
        for each in (trial, lacking):
            each.step(f"after that: {step}")
            each.answer(each.post(MCP, MADE), status=404)
        trial.answer(trial.post(MCP, MADE), result(1))
    assert JUDGES["trouble.recovers"](trial.evidence).outcome == "pass"
    assert JUDGES["trouble.recovers"](lacking.evidence).outcome == "fail"
    assert JUDGES["trouble.recovers"](Trial().evidence).outcome == "untestable"


@pytest.mark.parametrize(
    ("seconds", "hangs", "answer", "outcome"),
    [
        (1, 4, result(2), "pass"),
        (1, 0, result(2), "pass"),
        (3, 4, result(2), "pass"),
        (4, 3, result(2), "fail"),
        (0, 4, failure(2), "fail"),
    ],
)
def test_another_user_does_not_wait(
    seconds: float, hangs: float, answer: object, outcome: Outcome
) -> None:
    trial = Trial()
    trial.note(DUE, "5")
    trial.step("calls hang")
    slow = call(1, "tools/call", name="a", arguments={"text": "slow"})
    hanging = trial.post(MCP, slow)
    other = call(2, "tools/call", name="a", arguments={"text": "of another user"})
    asked = trial.post(MCP, other, {"authorization": "Bearer of-another"})
    trial.later(min(seconds, hangs))
    ended = [(seconds, asked, answer), (hangs, hanging, failure(1))]
    for _, number, said in sorted(ended, key=lambda each: each[0]):
        trial.answer(number, said)
        trial.later(abs(seconds - hangs))
    evidence = trial.evidence
    assert JUDGES["hanging.others"](evidence).outcome == outcome
    assert JUDGES["hanging.slow"](evidence).outcome == "pass"
    assert JUDGES["hanging.silent"](evidence).outcome == "untestable"


@pytest.mark.parametrize(
    ("method", "check", "outcome"),
    [("tools/list", "hanging.silent", "pass"), ("tools/call", "hanging.slow", "fail")],
)
def test_a_list_may_be_remembered_and_a_result_may_not(
    method: str, check: str, outcome: Outcome
) -> None:
    trial = Trial()
    trial.note(DUE, "5")
    trial.step("calls hang")
    made = call(1, method, arguments={"text": "slow"})
    trial.answer(trial.post(MCP, made), result(1, tools=[]))
    assert JUDGES[check](trial.evidence).outcome == outcome
