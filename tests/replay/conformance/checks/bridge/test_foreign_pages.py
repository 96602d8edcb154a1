"""Pages that nobody has heard of: refused, or allowed on purpose."""

import pytest

from play import call, initialize, initialized
from trials import TARGET, Trial
from wiretape.replay.conformance.checks.bridge.foreign_pages import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("request."): check.judge for check in FAMILY.checks}
MCP = f"{TARGET}/mcp"
STEPS = {"origin": "a page of another origin", "rebinding": "a page by a name of its own"}
PAGE = "https://foreign.example"


@pytest.mark.parametrize("check", STEPS)
@pytest.mark.parametrize(
    ("status", "allowed", "outcome"),
    [
        (403, None, "pass"),
        (421, None, "pass"),
        (200, "*", "pass"),
        (200, PAGE, "pass"),
        (200, "https://another.example", "fail"),
        (200, None, "fail"),
        (500, None, "fail"),
    ],
)
def test_a_foreign_page(check: str, status: int, allowed: str | None, outcome: Outcome) -> None:
    trial = Trial()
    trial.answer(trial.post(MCP, initialize()), initialized())
    trial.step(STEPS[check])
    asked = trial.post(MCP, call(1, "ping"), {"origin": PAGE})
    trial.answer(asked, status=status, headers={"access-control-allow-origin": allowed})
    evidence = trial.evidence
    (other,) = STEPS.keys() - {check}
    assert JUDGES[check](evidence).outcome == outcome
    assert JUDGES[other](evidence).outcome == "untestable"
