"""What checks ask of token requests, however these come."""

import pytest

from trials import TARGET, Trial
from wiretape.replay.conformance.evidence import Turn
from wiretape.replay.conformance.terms import grants

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
