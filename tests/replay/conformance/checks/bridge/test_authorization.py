"""How an authorization endpoint may refuse what it does not give."""

import pytest

from trials import TARGET, Trial
from wiretape.replay.conformance.checks.bridge.authorization import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("authorization."): check.judge for check in FAMILY.checks}
CALLBACK = "http://127.0.0.1:9/callback"


@pytest.mark.parametrize(
    ("status", "location", "outcome"),
    [
        (400, None, "pass"),
        (302, f"{CALLBACK}?error=unsupported_response_type&state=s", "pass"),
        (302, f"{CALLBACK}#error=unsupported_response_type&state=s", "pass"),
        (302, f"{CALLBACK}?state=s#error=unauthorized_client", "pass"),
        (302, f"{CALLBACK}?error=server_error&state=s", "fail"),
        (302, f"{CALLBACK}#access_token=t&state=s", "fail"),
        (200, None, "fail"),
    ],
)
def test_another_response_type_is_refused_in_the_query_or_the_fragment(
    status: int, location: str | None, outcome: Outcome
) -> None:
    trial = Trial()
    trial.step("response type")
    asked = trial.request("GET", f"{TARGET}/authorize?response_type=token&client_id=c")
    led = {} if location is None else {"location": location}
    trial.answer(asked, status=status, headers=led)
    assert JUDGES["response-type"](trial.evidence).outcome == outcome
