"""Where a token may turn up, and in which spelling."""

import json
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import quote

import pytest

from play import call, failure
from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.checks.bridge.leaks import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("leak."): check.judge for check in FAMILY.checks}
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
SECRET = "5f1d:Ab9:secret-of-the-service"
MINE = "token-of-the-client"


def issued(told: Any = MINE, **more: Any) -> Trial:
    """A trial in which tokens were issued on both sides."""
    trial = Trial()
    form = {"grant_type": "authorization_code", "code": "a-code"}
    asked = trial.request("POST", f"{SERVICE}/token", form=form, headers=FORM)
    trial.answer(asked, {"access_token": SECRET}, headers=JSON)
    asked = trial.request("POST", f"{TARGET}/token", form=form, headers=FORM)
    trial.answer(asked, {"access_token": told, **more}, headers=JSON)
    return trial


def outcome(judge: str, trial: Trial) -> Outcome:
    return JUDGES[judge](trial.evidence).outcome


def jwt(**claims: Any) -> str:
    parts = ({"alg": "HS256"}, claims)
    coded = [urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join((*coded, "c2lnbmF0dXJl"))


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (MINE, "pass"),
        (jwt(sub="grant-1"), "pass"),
        (jwt(atlassian_access_token=SECRET), "fail"),
        (jwt(behind={"token": f"Bearer {SECRET}"}), "fail"),
        (SECRET, "fail"),
        ("a.b.c", "pass"),
    ],
)
def test_a_token_is_read_as_its_holder_can(told: str, found: Outcome) -> None:
    assert outcome("readable", issued(told)) == found


def test_a_refresh_token_is_read_too() -> None:
    assert outcome("readable", issued(refresh_token=jwt(token=SECRET))) == "fail"


def test_answers_are_searched_and_their_headers() -> None:
    assert outcome("answers", issued()) == "pass"
    assert outcome("answers", issued(upstream=SECRET)) == "fail"
    trial = issued()
    asked = trial.request("GET", f"{TARGET}/callback")
    led = {"location": f"http://127.0.0.1/?token={quote(SECRET, '')}"}
    trial.answer(asked, status=302, headers=led)
    assert outcome("answers", trial) == "fail"
    assert outcome("answers", Trial()) == "untestable"
    trial = Trial()
    asked = trial.request("POST", f"{SERVICE}/token", form={"grant_type": "refresh_token"})
    trial.answer(asked, {"access_token": SECRET}, headers=JSON)
    assert outcome("answers", trial) == "untestable"


@pytest.mark.parametrize("token", [SECRET, MINE])
@pytest.mark.parametrize("site", [TARGET, SERVICE])
def test_urls_of_both_sides_are_searched(token: str, site: str) -> None:
    trial = issued()
    trial.answer(trial.request("GET", f"{site}/mcp?access_token={quote(token, '')}"), {})
    assert outcome("urls", trial) == "fail"
    assert outcome("urls", issued()) == "pass"


def test_errors_tell_neither_tokens_nor_what_was_sent() -> None:
    form = {"grant_type": "authorization_code", "code": "a-secret-code"}
    for said, found in {"no": "pass", f"not {MINE}": "fail", "a-secret-code": "fail"}.items():
        trial = issued()
        asked = trial.request("POST", f"{TARGET}/token", form=form, headers=FORM)
        trial.answer(asked, {"error": said}, status=400, headers=JSON)
        assert outcome("errors", trial) == found


def test_an_error_of_json_rpc_is_one() -> None:
    trial = issued()
    asked = trial.post(f"{TARGET}/mcp", call(1, "ping"))
    trial.answer(asked, failure(1, message=f"{SECRET} was refused"), headers=JSON)
    assert outcome("errors", trial) == "fail"
    assert outcome("errors", issued()) == "untestable"


@pytest.mark.parametrize(("token", "found"), [(SECRET, "pass"), (MINE, "fail")])
def test_the_service_is_called_with_its_own_tokens(token: str, found: Outcome) -> None:
    trial = issued()
    trial.answer(trial.post(f"{SERVICE}/mcp", headers={"authorization": f"Bearer {token}"}), {})
    assert outcome("passed-on", trial) == found
    assert outcome("passed-on", issued()) == "untestable"


def test_the_log_is_what_the_play_has_found() -> None:
    trial = Trial()
    assert outcome("log", trial) == "untestable"
    trial = Trial()
    trial.note("looked for in the log", "7 secrets in 100 characters")
    assert outcome("log", trial) == "pass"
    trial = Trial()
    trial.note("looked for in the log", "7 secrets in 100 characters")
    trial.note("in the log", "a client secret")
    assert outcome("log", trial) == "fail"
