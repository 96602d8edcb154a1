"""What checks ask of token requests, however these come."""

import pytest

from play import call
from trials import TARGET, Trial
from wiretape.replay.conformance.evidence import Turn
from wiretape.replay.conformance.terms import grants
from wiretape.replay.conformance.verdict import Outcome

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
ASKED = {"grant_type": "refresh_token", "refresh_token": "old", "client_id": "client-1"}


def refresh(told: object = None, status: int = 200, *, json: bool = False) -> tuple[Turn, ...]:
    trial = Trial()
    how = {"json": ASKED} if json else {"form": ASKED}
    asked = trial.request("POST", f"{TARGET}/token", headers=JSON if json else FORM, **how)
    trial.answer(asked, told, status=status, headers=JSON)
    return trial.evidence.down


@pytest.mark.parametrize("json", [False, True])
def test_a_request_is_read_from_a_form_and_from_json(json: bool) -> None:
    turns = refresh({"access_token": "new"}, json=json)
    (turn,) = grants.refreshes(turns)
    assert grants.issued(turns) == [turn]
    assert not grants.exchanges(turns)
    assert turn.parameters["refresh_token"] == "old"
    assert grants.client_id(turn) == "client-1"
    assert grants.token(turn) == "new"


@pytest.mark.parametrize("told", [{}, {"access_token": ""}, {"access_token": 7}, ["a"], None])
def test_what_has_no_token_issues_none(told: object) -> None:
    assert not grants.issued(refresh(told))


@pytest.mark.parametrize(
    ("told", "status", "outcome"),
    [
        ({"error": "invalid_grant"}, 400, "pass"),
        ({"error": "invalid_grant"}, 401, "pass"),
        ({"error": "invalid_grant"}, 500, "fail"),
        ({"error": "invalid_request"}, 400, "fail"),
        ({"error": ["invalid_grant"]}, 400, "fail"),
        ({"access_token": "new"}, 200, "fail"),
    ],
)
def test_a_refusal_has_its_status_and_its_error(
    told: object, status: int, outcome: Outcome
) -> None:
    assert grants.refused(refresh(told, status), "a refresh", "invalid_grant").outcome == outcome


def test_what_was_not_answered_says_so() -> None:
    trial = Trial()
    trial.fail(trial.request("POST", f"{TARGET}/token", headers=FORM, form=ASKED))
    verdict = grants.refused(trial.evidence.down, "a refresh", "invalid_grant")
    assert (verdict.outcome, verdict.seen) == ("fail", "a refresh was not answered")


def test_what_was_not_asked_cannot_be_judged() -> None:
    assert grants.refused((), "a refresh", "invalid_grant").outcome == "untestable"
    assert grants.unauthorized((), "a call").outcome == "untestable"


@pytest.mark.parametrize(
    ("statuses", "outcome"), [([401, 401], "pass"), ([401, 200], "fail"), ([403], "fail")]
)
def test_all_have_to_be_unauthorized(statuses: list[int], outcome: Outcome) -> None:
    trial = Trial()
    for status in statuses:
        trial.answer(trial.post(f"{TARGET}/mcp", call(1, "ping")), status=status)
    assert grants.unauthorized(trial.evidence.down, "a call").outcome == outcome
