"""What a registration is answered."""

from typing import Any

import pytest

from trials import TARGET, Trial
from wiretape.replay.conformance.checks.bridge.registration import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("registration."): check.judge for check in FAMILY.checks}
WANTED = {"redirect_uris": ["http://127.0.0.1:9/callback"]}


@pytest.mark.parametrize(
    ("asked", "status", "told", "outcome"),
    [
        (WANTED, 201, {"client_id": "c"} | WANTED, "pass"),
        (WANTED, 200, {"client_id": "c"} | WANTED, "fail"),
        (WANTED, 201, {"client_id": "c"}, "fail"),
        (WANTED, 201, WANTED, "fail"),
        (WANTED, 400, {"error": "invalid_redirect_uri"}, "untestable"),
    ],
)
def test_a_registration_is_answered_with_what_was_registered(
    asked: Any, status: int, told: Any, outcome: Outcome
) -> None:
    trial = Trial()
    number = trial.post(f"{TARGET}/register", asked)
    trial.answer(number, told, status=status, headers={"content-type": "application/json"})
    assert JUDGES["answer"](trial.evidence).outcome == outcome
