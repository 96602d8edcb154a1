"""Refusals, of which none counts where nothing is accepted."""

import pytest

from play import call, result
from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.terms import refusals
from wiretape.replay.conformance.verdict import Outcome, Verdict, met, unmet

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
WRONG = "a wrong one"
TOKENS = {"access_token": "new"}


def ask(trial: Trial, kind: str, told: object, status: int = 200) -> None:
    form = {"grant_type": kind, "client_id": "c"}
    asked = trial.request("POST", f"{TARGET}/token", headers=FORM, form=form)
    trial.answer(asked, told, status=status, headers=JSON)


def tokens(trial: Trial) -> Verdict:
    return refusals.refused(trial.evidence, WRONG, "a refresh", "invalid_grant")


@pytest.mark.parametrize(
    ("told", "status", "outcome"),
    [
        ({"error": "invalid_grant"}, 400, "pass"),
        ({"error": "invalid_grant"}, 401, "pass"),
        ({"error": "invalid_grant"}, 500, "fail"),
        ({"error": "invalid_request"}, 400, "fail"),
        ({"error": ["invalid_grant"]}, 400, "fail"),
        (TOKENS, 200, "fail"),
    ],
)
def test_a_token_request_is_refused_with_its_status_and_its_error(
    told: object, status: int, outcome: Outcome
) -> None:
    trial = Trial()
    ask(trial, "refresh_token", TOKENS)
    trial.step(WRONG)
    ask(trial, "refresh_token", told, status)
    assert tokens(trial).outcome == outcome


def test_a_token_request_that_was_not_answered_is_not_refused() -> None:
    trial = Trial()
    trial.step(WRONG)
    form = {"grant_type": "refresh_token"}
    trial.fail(trial.request("POST", f"{TARGET}/token", headers=FORM, form=form))
    assert (tokens(trial).outcome, tokens(trial).seen) == ("fail", "a refresh was not answered")


@pytest.mark.parametrize("right", [None, ("refresh_token", 400), ("authorization_code", 200)])
def test_who_refuses_every_token_request_of_a_kind_meets_nothing(
    right: tuple[str, int] | None,
) -> None:
    trial = Trial()
    if right is not None:
        kind, status = right
        ask(trial, kind, TOKENS if status == 200 else {"error": "invalid_grant"}, status)
    trial.step(WRONG)
    ask(trial, "refresh_token", {"error": "invalid_grant"}, 400)
    found = tokens(trial)
    assert found.outcome == "untestable"
    assert found.seen.endswith("but a request with nothing wrong was not accepted, either")


def calls(*answers: tuple[str, int]) -> Verdict:
    """Judge calls of these steps that are answered so."""
    trial = Trial()
    for step, status in answers:
        trial.step(step)
        asked = trial.post(f"{TARGET}/mcp", call(1, "ping"), {"authorization": "Bearer t"})
        trial.answer(asked, result(1) if status == 200 else None, status=status)
    return refusals.unauthorized(trial.evidence, WRONG, "a call")


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ([("right", 200), (WRONG, 401), (WRONG, 401)], "pass"),
        ([(WRONG, 401), ("right", 200)], "pass"),
        ([("right", 200), (WRONG, 401), (WRONG, 200)], "fail"),
        ([("right", 200), (WRONG, 403)], "fail"),
        ([("right", 401), (WRONG, 401)], "untestable"),
        ([(WRONG, 401)], "untestable"),
        ([("right", 200)], "untestable"),
    ],
)
def test_all_calls_are_unauthorized_beside_one_that_is_not(
    answers: list[tuple[str, int]], outcome: Outcome
) -> None:
    assert calls(*answers).outcome == outcome


def test_what_was_not_asked_cannot_be_judged() -> None:
    nothing = Trial().evidence
    assert refusals.refused(nothing, WRONG, "a refresh", "invalid_grant").outcome == "untestable"
    assert refusals.turned_away((), (), "a request").outcome == "untestable"


def test_what_is_served_has_a_result_at_the_targets_endpoint() -> None:
    trial = Trial()
    good = trial.post(f"{TARGET}/mcp", call(1, "ping"))
    trial.answer(good, result(1))
    trial.answer(trial.post(f"{TARGET}/mcp", call(2, "ping")), status=202)
    trial.answer(trial.post(f"{SERVICE}/mcp", call(3, "ping")), result(3))
    assert [turn.exchange.number for turn in refusals.served(trial.evidence)] == [good]


def test_what_was_accepted_is_shown_beside_a_refusal() -> None:
    trial = Trial()
    for number in (1, 2):
        trial.answer(trial.post(f"{TARGET}/mcp", call(number, "ping")), result(number))
    right, wrong = trial.evidence.down
    assert refusals.beside(met("no", wrong), [right], "it").lines == right.lines + wrong.lines
    assert refusals.beside(unmet("yes", wrong), [], "it") == unmet("yes", wrong)
