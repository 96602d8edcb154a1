"""What a 401 tells, in the words of several services."""

import pytest

from play import call, result
from trials import TARGET, Trial
from wiretape.replay.conformance.checks.bridge.challenges import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("challenge."): check.judge for check in FAMILY.checks}
MCP = f"{TARGET}/mcp"
BODY = {"error": "invalid_token"}
JSON = {"content-type": "application/json"}


def refused(challenge: str | None, token: str | None = None) -> Trial:
    trial = Trial()
    given = JSON if challenge is None else JSON | {"www-authenticate": challenge}
    sent = None if token is None else {"authorization": f"Bearer {token}"}
    trial.answer(trial.post(MCP, call(1, "ping"), sent), BODY, status=401, headers=given)
    return trial


@pytest.mark.parametrize(
    ("challenge", "outcome"),
    [
        ('Bearer realm="OAuth", error="invalid_token"', "pass"),
        ('Basic realm="x", bearer error="invalid_token"', "pass"),
        ("Basic realm=x", "fail"),
        ('Bearer realm="OAuth', "fail"),
        (None, "fail"),
    ],
)
def test_the_scheme_is_bearer(challenge: str | None, outcome: Outcome) -> None:
    evidence = refused(challenge).evidence
    assert JUDGES["scheme"](evidence).outcome == outcome


@pytest.mark.parametrize(
    ("challenge", "outcome"),
    [
        ('Bearer error="invalid_token"', "pass"),
        ('Bearer error="invalid_request"', "fail"),
        ("Bearer", "fail"),
        (None, "fail"),
    ],
)
def test_a_bad_token_is_called_so(challenge: str | None, outcome: Outcome) -> None:
    evidence = refused(challenge, "a-token").evidence
    assert JUDGES["invalid-token"](evidence).outcome == outcome


def test_without_a_token_no_error_need_be_named() -> None:
    evidence = refused("Bearer").evidence
    assert JUDGES["invalid-token"](evidence).outcome == "untestable"


@pytest.mark.parametrize(
    ("status", "headers", "body", "outcome"),
    [
        (401, JSON, BODY, "pass"),
        (401, {"content-type": "application/json; charset=utf-8"}, BODY, "pass"),
        (401, JSON, {}, "fail"),
        (401, {"content-type": "text/html"}, None, "fail"),
        (401, None, None, "fail"),
        (405, None, None, "pass"),
    ],
)
def test_a_401_to_get_has_a_body(
    status: int,
    headers: dict[str, str] | None,
    body: object,
    outcome: Outcome,
) -> None:
    trial = accepted(refused("Bearer"))
    trial.answer(trial.listen(MCP), body, status=status, headers=headers)
    assert JUDGES["get-body"](trial.evidence).outcome == outcome


@pytest.mark.parametrize(
    ("status", "where", "outcome"),
    [
        (401, None, "pass"),
        (405, None, "pass"),
        (302, f"{TARGET}/login", "fail"),
        (200, None, "fail"),
    ],
)
def test_an_early_get_is_refused_and_not_sent_elsewhere(
    status: int, where: str | None, outcome: Outcome
) -> None:
    trial = accepted(refused("Bearer"))
    trial.answer(trial.listen(MCP), status=status, headers={"location": where})
    assert JUDGES["get"](trial.evidence).outcome == outcome


@pytest.mark.parametrize("check", ["get", "get-body", "post"])
def test_who_refuses_everybody_has_not_told_tokens_apart(check: str) -> None:
    trial = refused("Bearer")
    trial.answer(trial.listen(MCP), status=405)
    assert JUDGES[check](trial.evidence).outcome == "untestable"


def accepted(trial: Trial) -> Trial:
    """Have a call with a good token answered."""
    trial.answer(trial.post(MCP, call(2, "ping"), {"authorization": "Bearer good"}), result(2))
    return trial


@pytest.mark.parametrize(
    ("document", "status", "outcome"),
    [
        ({"authorization_servers": [TARGET]}, 200, "pass"),
        ({"authorization_servers": []}, 200, "fail"),
        (None, 404, "fail"),
    ],
)
def test_the_challenge_leads_to_who_issues_tokens(
    document: object, status: int, outcome: Outcome
) -> None:
    at = f"{TARGET}/.well-known/oauth-protected-resource/mcp"
    trial = refused(f'Bearer resource_metadata="{at}"')
    trial.answer(trial.request("GET", at), document, status=status)
    assert JUDGES["metadata"](trial.evidence).outcome == outcome


def test_without_a_link_a_well_known_place_will_do() -> None:
    trial = refused("Bearer")
    assert JUDGES["metadata"](trial.evidence).outcome == "fail"
    trial = refused("Bearer")
    at = f"{TARGET}/.well-known/oauth-authorization-server"
    trial.answer(trial.request("GET", at), {"token_endpoint": f"{TARGET}/token"})
    assert JUDGES["metadata"](trial.evidence).outcome == "pass"


def test_nothing_can_be_said_of_nothing() -> None:
    nothing = Trial().evidence
    assert {judge(nothing).outcome for judge in JUDGES.values()} == {"untestable"}
