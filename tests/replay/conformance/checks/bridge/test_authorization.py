"""How an authorization endpoint may refuse what it does not give."""

import pytest

from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.checks.bridge import pkce, redirect
from wiretape.replay.conformance.checks.bridge.authorization import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("authorization."): check.judge for check in FAMILY.checks}
REDIRECTS = {check.id: check.judge for check in redirect.FAMILY.checks}
CALLBACK = "http://127.0.0.1:9/callback"


def known(status: int = 302) -> Trial:
    """A client that is known has asked for authorization as one ought to."""
    trial = Trial()
    trial.step("known client")
    asked = trial.request("GET", f"{TARGET}/authorize?response_type=code&client_id=c")
    trial.answer(asked, status=status, headers={"location": "/consent"} if status < 400 else {})
    return trial


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
    trial = known()
    trial.step("response type")
    asked = trial.request("GET", f"{TARGET}/authorize?response_type=token&client_id=c")
    led = {} if location is None else {"location": location}
    trial.answer(asked, status=status, headers=led)
    assert JUDGES["response-type"](trial.evidence).outcome == outcome


@pytest.mark.parametrize(
    ("check", "step"),
    [
        ("authorization.response-type", "response type"),
        ("pkce.plain", "plain"),
        ("pkce.required", "no challenge"),
    ],
)
@pytest.mark.parametrize(("status", "outcome"), [(302, "pass"), (400, "untestable")])
def test_who_refuses_everybody_is_not_said_to_refuse_what_is_wrong(
    check: str, step: str, status: int, outcome: Outcome
) -> None:
    trial = known(status)
    trial.step(step)
    asked = trial.request("GET", f"{TARGET}/authorize?response_type=code&client_id=c")
    trial.answer(asked, status=400)
    judges = {each.id: each.judge for each in (*FAMILY.checks, *pkce.FAMILY.checks)}
    assert judges[check](trial.evidence).outcome == outcome


type Answer = tuple[int, str | None]

ONWARDS: Answer = (302, f"{SERVICE}/authorize?client_id=bridge&response_type=code")
BACK: Answer = (302, f"{CALLBACK}?error=server_error&state=s")


@pytest.mark.parametrize(
    ("check", "right_step", "wrong_step"),
    [
        ("authorization.unknown-client", "known client", "unknown client"),
        ("redirect.host", "as registered", "another host"),
        ("redirect.path", "as registered", "another path"),
        ("redirect.query", "as registered", "another query"),
        ("redirect.port", "as registered elsewhere", "another port"),
    ],
)
@pytest.mark.parametrize(
    ("right", "wrong", "outcome"),
    [
        (ONWARDS, (400, None), "pass"),
        ((200, None), (403, None), "pass"),
        (ONWARDS, ONWARDS, "fail"),
        (ONWARDS, BACK, "fail"),
        (ONWARDS, (200, None), "fail"),
        ((500, None), (500, None), "untestable"),
        ((404, None), (404, None), "untestable"),
        (BACK, (400, None), "untestable"),
        ((500, None), ONWARDS, "fail"),
        (None, (400, None), "untestable"),
        (ONWARDS, None, "untestable"),
    ],
)
def test_a_refusal_counts_where_a_right_request_leads_on(
    check: str,
    right_step: str,
    wrong_step: str,
    right: Answer | None,
    wrong: Answer | None,
    outcome: Outcome,
) -> None:
    trial = Trial()
    for step, answer in ((right_step, right), (wrong_step, wrong)):
        if answer is not None:
            trial.step(step)
            asked = trial.request("GET", f"{TARGET}/authorize?response_type=code&client_id=c")
            status, location = answer
            led = {} if location is None else {"location": location}
            trial.answer(asked, status=status, headers=led)
    judges = REDIRECTS | {f"authorization.{name}": judge for name, judge in JUDGES.items()}
    assert judges[check](trial.evidence).outcome == outcome
