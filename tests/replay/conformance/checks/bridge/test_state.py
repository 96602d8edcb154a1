"""Ways back from the service that lead on, or not."""

import pytest

from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.checks.bridge.state import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("state."): check.judge for check in FAMILY.checks}
FORM = {"content-type": "application/x-www-form-urlencoded"}
CLIENT = "http://127.0.0.1/callback"
OURS, THEIRS = "o" * 22, "t" * 22


def authorized(*states: str | None) -> Trial:
    """A trial in which a client has authorized, and the bridge upstream with these states."""
    trial = Trial()
    asked = "authorize?response_type=code&client_id=a-client"
    trial.answer(trial.request("GET", f"{TARGET}/{asked}&state={THEIRS}"), status=302)
    for state in states:
        more = "" if state is None else f"&state={state}"
        trial.answer(trial.request("GET", f"{SERVICE}/{asked}{more}"), status=302)
    return trial


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        ([OURS], "pass"),
        ([THEIRS], "fail"),
        ([None], "fail"),
        ([OURS, THEIRS], "fail"),
        ([], "untestable"),
    ],
)
def test_the_state_is_the_bridges_own(states: list[str | None], outcome: Outcome) -> None:
    assert JUDGES["own"](authorized(*states).evidence).outcome == outcome


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        ([OURS, "p" * 22], "pass"),
        ([OURS, OURS], "fail"),
        ([OURS, "p" * 21], "fail"),
        ([OURS], "untestable"),
    ],
)
def test_states_are_long_and_different(states: list[str | None], outcome: Outcome) -> None:
    assert JUDGES["unguessable"](authorized(*states).evidence).outcome == outcome


@pytest.mark.parametrize(
    ("status", "led", "spent", "outcome"),
    [
        (400, None, False, "pass"),
        (302, f"{CLIENT}?error=invalid_request", False, "pass"),
        (302, f"{CLIENT}?code=a-code", False, "fail"),
        (400, None, True, "fail"),
    ],
)
def test_a_replayed_callback_leads_nowhere(
    status: int, led: str | None, spent: bool, outcome: Outcome
) -> None:
    trial = Trial()
    exchange(trial, {"access_token": "t"})
    trial.step("for the second time")
    back = trial.request("GET", f"{TARGET}/callback?code=a-code&state={OURS}")
    if spent:
        exchange(trial, {"error": "invalid_grant"}, status=400)
    trial.answer(back, status=status, headers={} if led is None else {"location": led})
    assert JUDGES["single-use"](trial.evidence).outcome == outcome
    assert JUDGES["forged"](trial.evidence).outcome == "untestable"


def test_who_refuses_every_callback_meets_nothing() -> None:
    trial = Trial()
    trial.step("for the second time")
    trial.answer(trial.request("GET", f"{TARGET}/callback?code=c&state={OURS}"), status=400)
    assert JUDGES["single-use"](trial.evidence).outcome == "untestable"


def exchange(trial: Trial, told: object, status: int = 200) -> None:
    form = {"grant_type": "authorization_code", "code": "a-code"}
    asked = trial.request("POST", f"{SERVICE}/token", form=form, headers=FORM)
    trial.answer(asked, told, status=status)
