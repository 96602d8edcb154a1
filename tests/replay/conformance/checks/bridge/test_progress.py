"""Progress on both sides: what was told, what came, and under which token."""

from typing import Any

import pytest

from play import call, progress, result
from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.checks.bridge.progress import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("progress."): check.judge for check in FAMILY.checks}
MCP, UPSTREAM = f"{TARGET}/mcp", f"{SERVICE}/mcp"
TOKENS: dict[str, str | int] = {"progress by a text": "of-this-call", "progress by a number": 0}


def told(trial: Trial, at: str, token: Any, *said: Any) -> None:
    """Call with a token; what is said comes on the stream of the answer."""
    number = trial.post(at, call(1, "tools/call", name="a", progress=token))
    trial.stream(number)
    for each in said:
        trial.event(number, each)
    trial.end(number)


def called(*heard: int, late: bool = False, there: tuple[int, ...] = (1, 2, 3)) -> Trial:
    """Call with both tokens; the progress of these numbers came to the client."""
    trial = Trial()
    for step, token in TOKENS.items():
        trial.step(step)
        came = [progress(token, value) for value in heard]
        told(trial, UPSTREAM, token, *(progress(token, value) for value in there), result(1))
        told(trial, MCP, token, *([result(1), *came] if late else [*came, result(1)]))
    return trial


@pytest.mark.parametrize(
    ("trial", "outcome"),
    [
        (called(1, 2, 3), "pass"),
        (called(1, 3), "pass"),
        (called(1, 3, 2), "fail"),
        (called(1, 1, 2, 3), "fail"),
        (called(4), "fail"),
        (called(), "fail"),
        (called(1, 2, 3, late=True), "fail"),
        (called(there=()), "fail"),
        (Trial(), "untestable"),
    ],
)
def test_progress_comes_in_its_order_and_before_the_result(trial: Trial, outcome: Outcome) -> None:
    assert JUDGES["passed"](trial.evidence).outcome == outcome


def test_progress_that_was_told_under_another_token_upstream() -> None:
    trial = Trial()
    for step, token in TOKENS.items():
        trial.step(step)
        told(trial, UPSTREAM, "own", progress("own"), result(1))
        told(trial, MCP, token, progress(token), result(1))
    evidence = trial.evidence
    assert {judge(evidence).outcome for judge in JUDGES.values()} == {"pass"}


@pytest.mark.parametrize(("token", "outcome"), [(0, "pass"), ("0", "fail"), ("own", "fail")])
def test_progress_has_the_token_that_was_given_and_of_its_type(token: Any, outcome: str) -> None:
    trial = called(1)
    trial.step("progress that nobody asked for")
    told(trial, MCP, None, progress(token), result(1))
    assert JUDGES["token"](trial.evidence).outcome == outcome


def test_who_tells_no_progress_tells_none_that_is_wrong() -> None:
    assert JUDGES["token"](called().evidence).outcome == "pass"
    assert JUDGES["token"](Trial().evidence).outcome == "untestable"
