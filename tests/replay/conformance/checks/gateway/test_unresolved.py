"""What is told of a service whose name does not resolve, and what tells nothing."""

import pytest

from play import call
from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.checks.gateway.unresolved import FAMILY
from wiretape.replay.conformance.terms import telling
from wiretape.replay.conformance.terms.due import DUE
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("failures."): check.judge for check in FAMILY.checks}
ASKED = {"query": "who is without a name"}
NAMED = {"error": "unreachable", "service": "atlassian"}


def unresolved(
    told: object = NAMED,
    *,
    status: int = 502,
    seconds: float = 0,
    reached: bool = False,
    again: int = 200,
    absent: bool = False,
    connecting: int = 302,
    said: object = None,
) -> Trial:
    trial = Trial()
    trial.note(DUE, "6")
    trial.note(telling.NAME, "atlassian")
    trial.step("the service's name does not resolve")
    if absent:
        trial.note("the gateway does not start", "it ended with exit code 1")
    down = trial.post(f"{TARGET}/tools/search", ASKED)
    if reached:
        trial.answer(trial.post(f"{SERVICE}/mcp", call(1, "tools/call")), status=503)
    trial.later(seconds)
    trial.answer(down, told, status=status)
    trial.answer(trial.request("GET", f"{TARGET}/connect"), said, status=connecting)
    trial.step("it resolves again")
    trial.answer(trial.post(f"{TARGET}/tools/search", ASKED), {}, status=again)
    return trial


@pytest.mark.parametrize(
    ("check", "trial", "outcome"),
    [
        ("unresolved", unresolved(), "pass"),
        ("unresolved", unresolved(status=200), "pass"),
        ("unresolved", unresolved({"error": "Name or service not known"}), "fail"),
        ("unresolved", unresolved({"service": "atlassian"}, status=200), "fail"),
        ("unresolved", unresolved(seconds=7), "fail"),
        ("unresolved", unresolved(absent=True), "fail"),
        ("unresolved", unresolved(reached=True), "untestable"),
        ("unresolved", unresolved(again=409), "untestable"),
        ("unresolved", Trial(), "untestable"),
        ("unresolved-others", unresolved(), "pass"),
        ("unresolved-others", unresolved(connecting=502, said=NAMED), "pass"),
        ("unresolved-others", unresolved(connecting=500), "fail"),
        ("unresolved-others", Trial(), "untestable"),
    ],
)
def test_what_is_told(check: str, trial: Trial, outcome: Outcome) -> None:
    assert JUDGES[check](trial.evidence).outcome == outcome
