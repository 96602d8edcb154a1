"""What a page of another origin would see of a bridge's answers."""

from pathlib import Path

import pytest
from conforming import run

from mutants.trying import EXAMPLES
from play import call, initialize, initialized
from trials import TARGET, Trial
from wiretape.replay.conformance import config as configs
from wiretape.replay.conformance.checks.bridge.cors import FAMILY
from wiretape.replay.conformance.config import PAGE as ORIGIN
from wiretape.replay.conformance.terms.browsing import preflight
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("cors."): check.judge for check in FAMILY.checks}
MCP = f"{TARGET}/mcp"
PAGE = {"origin": ORIGIN}
OPEN = {"access-control-allow-origin": "*"}


def exposing(names: str | None, **headers: str) -> dict[str, str | None]:
    return {**OPEN, **headers, "access-control-expose-headers": names}


@pytest.mark.parametrize(
    ("origin", "exposed", "outcome"),
    [
        (ORIGIN, "mcp-session-id", "pass"),
        (ORIGIN, None, "fail"),
        (TARGET, None, "untestable"),
        (None, None, "untestable"),
    ],
)
def test_the_session_id(origin: str | None, exposed: str | None, outcome: Outcome) -> None:
    trial = Trial()
    given = exposing(exposed) | {"mcp-session-id": "0f4f5d2be6a94e6fb3a1c0d7e8f90a1b"}
    trial.answer(trial.post(MCP, initialize(), {"origin": origin}), initialized(), headers=given)
    assert JUDGES["session-id-exposed"](trial.evidence).outcome == outcome


def test_the_challenge() -> None:
    for exposed, outcome in (("WWW-Authenticate", "pass"), (None, "fail")):
        trial = Trial()
        given = exposing(exposed) | {"www-authenticate": "Bearer"}
        trial.answer(trial.post(MCP, call(1, "ping"), PAGE), status=401, headers=given)
        assert JUDGES["challenge-exposed"](trial.evidence).outcome == outcome


@pytest.mark.parametrize(("given", "outcome"), [(OPEN, "pass"), ({}, "fail")])
def test_each_answer_is_seen_by_itself(given: dict[str, str], outcome: Outcome) -> None:
    asked = {
        "documents": ("GET", f"{TARGET}/.well-known/oauth-authorization-server", None, None),
        "registration": ("POST", f"{TARGET}/register", {"redirect_uris": ["x:y"]}, None),
        "token": ("POST", f"{TARGET}/token", None, {"grant_type": "refresh_token"}),
        "answers": ("POST", MCP, call(1, "ping"), None),
    }
    for check, (method, at, json, form) in asked.items():
        trial = Trial()
        trial.answer(trial.request(method, at, headers=PAGE, json=json, form=form), headers=given)
        evidence = trial.evidence
        assert JUDGES[check](evidence).outcome == outcome
        assert {JUDGES[other](evidence).outcome for other in {*asked} - {check}} == {"untestable"}


def test_errors_are_seen_but_preflights_are_no_errors() -> None:
    trial = Trial()
    trial.answer(trial.request("OPTIONS", MCP, headers=preflight(ORIGIN, "POST")), status=405)
    assert JUDGES["errors"](trial.evidence).outcome == "untestable"
    trial = Trial()
    trial.answer(trial.post(MCP, call(1, "ping"), PAGE), status=404)
    assert JUDGES["errors"](trial.evidence).outcome == "fail"


def test_all_preflights_must_pass() -> None:
    named = OPEN | {"access-control-allow-headers": "authorization"}
    for header, outcome in (("authorization", "pass"), ("last-event-id", "fail")):
        trial = Trial()
        trial.step("preflights of MCP")
        for method, name in (("POST", "authorization"), ("GET", header)):
            asked = trial.request("OPTIONS", MCP, headers=preflight(ORIGIN, method, name))
            trial.answer(asked, status=204, headers=named)
        assert JUDGES["preflight"](trial.evidence).outcome == outcome
        assert JUDGES["registration-preflight"](trial.evidence).outcome == "untestable"


@pytest.mark.parametrize(("page", "passes"), [(ORIGIN, False), ("https://app.example", True)])
def test_a_bridge_may_allow_some_pages_only(page: str, passes: bool, tmp_path: Path) -> None:
    config = configs.read(EXAMPLES / "bridge" / "wiretape.toml")
    assert config.target is not None
    command = (*config.target.command, "--origin", "https://app.example")
    changed = {
        "target": config.target.model_copy(update={"command": command}),
        "bridge": config.bridge.model_copy(update={"page": page}),
    }
    results = run("bridge", config.model_copy(update=changed), tmp_path, ["cors.*"])
    assert {each.outcome == "pass" for each in results.values()} == {passes}
