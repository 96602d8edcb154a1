"""What is wrong with how a failure is told."""

import pytest

from trials import TARGET, Trial
from wiretape.replay.conformance.terms import telling
from wiretape.replay.conformance.terms.due import DUE


@pytest.mark.parametrize(
    ("service", "text", "status", "wrong"),
    [
        ("Jira", "error: jira is away", 200, None),
        ("Jira", "Jira is away", 200, "answered 200, not as an error"),
        ("Jira", "it is away", 502, "answered 502, without naming Jira"),
        ("One", "it is away", 502, "answered 502, without naming One"),
    ],
)
def test_what_is_told(service: str, text: str, status: int, wrong: str | None) -> None:
    trial = Trial()
    trial.note(DUE, "6")
    trial.note(telling.NAME, service)
    trial.answer(trial.request("GET", f"{TARGET}/tools"), text, status=status)
    evidence = trial.evidence
    assert telling.wrong(evidence.down[0], evidence) == wrong
