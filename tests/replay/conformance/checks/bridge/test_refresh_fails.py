"""What may become of refreshes that fail upstream."""

import pytest

from play import call, failure, result
from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.checks.bridge.refresh_fails import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("refresh."): check.judge for check in FAMILY.checks}
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
BEARER = {"www-authenticate": 'Bearer error="invalid_token"'}


class Failing(Trial):
    """A trial in one step, in which the service is asked so often to refresh."""

    def __init__(self, step: str, refreshes: int = 0) -> None:
        super().__init__()
        self.step(step)
        for _ in range(refreshes):
            self.refresh(400, "invalid_grant", SERVICE)

    def refresh(self, status: int, error: str | None = None, site: str = TARGET) -> "Failing":
        form = {"grant_type": "refresh_token", "refresh_token": "a-token"}
        asked = self.request("POST", f"{site}/token", form=form, headers=FORM)
        told = {"access_token": "a-token"} if error is None else {"error": error}
        self.answer(asked, told, status=status, headers=JSON)
        return self

    def call(self, status: int, told: object, **headers: str) -> "Failing":
        asked = self.post(f"{TARGET}/mcp", call(1, "tools/list"))
        self.answer(asked, told, status=status, headers=JSON | headers)
        return self

    def outcome(self, check: str) -> Outcome:
        return JUDGES[check](self.evidence).outcome


EARLY = "a token that is over early"
CALL = "a call after a refused refresh"


@pytest.mark.parametrize(
    ("trial", "outcome"),
    [
        (Failing(EARLY, 1).call(200, result(1, tools=[])), "pass"),
        (Failing(EARLY, 0).call(401, {}, **BEARER), "pass"),
        (Failing(EARLY, 1).call(401, {}), "fail"),
        (Failing(EARLY, 2).call(200, result(1, tools=[])), "fail"),
        (Failing(EARLY, 1).call(200, failure(1)), "fail"),
        (Failing(EARLY, 1).call(502, {}), "fail"),
        (Failing(EARLY), "untestable"),
    ],
)
def test_a_token_that_is_over_is_renewed_once(trial: Failing, outcome: Outcome) -> None:
    assert trial.outcome("early") == outcome


LOST = "an answer that was lost"


@pytest.mark.parametrize(
    ("trial", "outcome"),
    [
        (Failing(LOST, 2).refresh(503, "temporarily_unavailable").refresh(200), "pass"),
        (Failing(LOST, 1).refresh(400, "invalid_grant"), "pass"),
        (Failing(LOST, 1).refresh(503, "temporarily_unavailable"), "fail"),
        (Failing(LOST, 1).refresh(400, "invalid_request"), "fail"),
        (Failing(LOST).refresh(200), "untestable"),
    ],
)
def test_after_a_lost_answer_it_goes_on_or_ends(trial: Failing, outcome: Outcome) -> None:
    assert trial.outcome("lost-answer") == outcome


@pytest.mark.parametrize(
    ("refreshes", "outcome"), [(1, "pass"), (3, "pass"), (4, "fail"), (0, "untestable")]
)
def test_lost_answers_are_not_asked_for_without_end(refreshes: int, outcome: Outcome) -> None:
    trial = Failing("answers that are all lost", refreshes)
    assert trial.refresh(503, "temporarily_unavailable").outcome("no-loop") == outcome


@pytest.mark.parametrize(
    ("trial", "outcome"),
    [
        (Failing(CALL, 1).call(502, {}).call(401, {}, **BEARER), "pass"),
        (Failing(CALL, 1).call(401, {}, **BEARER).call(502, {}), "fail"),
        (Failing(CALL, 1).call(401, {}), "fail"),
        (Failing(CALL, 0).call(401, {}, **BEARER), "untestable"),
    ],
)
def test_after_a_refusal_calls_have_the_user_asked(trial: Failing, outcome: Outcome) -> None:
    assert trial.outcome("challenge") == outcome


@pytest.mark.parametrize(
    ("refreshes", "outcome"), [(1, "pass"), (2, "pass"), (3, "fail"), (0, "untestable")]
)
def test_each_request_leads_to_one_refusal_at_most(refreshes: int, outcome: Outcome) -> None:
    trial = Failing(CALL, refreshes).call(401, {}, **BEARER).call(401, {}, **BEARER)
    assert trial.outcome("no-storm") == outcome
