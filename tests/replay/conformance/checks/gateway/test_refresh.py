"""Which refreshes are right, and what users may be told when none is."""

import pytest

from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.checks.gateway import reconnect, refresh
from wiretape.replay.conformance.verdict import Outcome

TOKEN = f"{SERVICE}/token"
REFRESH = {check.id.removeprefix("refresh."): check.judge for check in refresh.FAMILY.checks}
RECONNECT = {check.id.removeprefix("reconnect."): check.judge for check in reconnect.FAMILY.checks}


def at_once(refreshes: int, served: int = 20, asked: int = 20, otherwise: int = 504) -> Trial:
    trial = Trial()
    trial.step("calls at once")
    calls = [trial.post(f"{TARGET}/call", {}) for _ in range(asked)]
    for number in range(refreshes):
        form = {"grant_type": "refresh_token", "refresh_token": str(number)}
        trial.answer(trial.request("POST", TOKEN, form=form), {"access_token": "next"})
    for number, each in enumerate(calls):
        trial.answer(each, {}, status=200 if number < served else otherwise)
    return trial


@pytest.mark.parametrize(
    ("trial", "outcome"),
    [
        (at_once(1), "pass"),
        (at_once(2), "fail"),
        (at_once(1, served=19), "pass"),
        (at_once(1, served=0), "fail"),
        (at_once(1, served=19, otherwise=409), "fail"),
        (at_once(0), "untestable"),
        (at_once(1, asked=19), "untestable"),
    ],
)
def test_one_refreshes_for_all(trial: Trial, outcome: Outcome) -> None:
    assert REFRESH["at-once"](trial.evidence).outcome == outcome


@pytest.mark.parametrize(
    ("failed", "refreshed", "outcome"),
    [(True, False, "untestable"), (True, True, "pass"), (False, False, "pass")],
)
def test_nothing_is_said_of_a_token_whose_end_only_a_tool_tells(
    *, failed: bool, refreshed: bool, outcome: Outcome
) -> None:
    trial = Trial()
    trial.step("refused early")
    down = trial.post(f"{TARGET}/call", {})
    if refreshed:
        form = {"grant_type": "refresh_token", "refresh_token": "r"}
        trial.answer(trial.request("POST", TOKEN, form=form), {"access_token": "next"})
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "t"}}
    result = {"jsonrpc": "2.0", "id": 1, "result": {"content": [], "isError": failed}}
    trial.answer(trial.post(f"{SERVICE}/mcp", call), result)
    trial.answer(down, {})
    assert REFRESH["early"](trial.evidence).outcome == outcome


@pytest.mark.parametrize(
    ("sent", "outcome"),
    [
        (("r1", "r2", "r3"), "pass"),
        (("r1", "r1", "r1"), "fail"),
        (("r1", "r2", "r1"), "fail"),
        (("r1", "r2"), "untestable"),
    ],
)
def test_the_newest_refresh_token_is_sent(sent: tuple[str, ...], outcome: Outcome) -> None:
    trial = Trial()
    first = trial.request("POST", TOKEN, form={"grant_type": "authorization_code"})
    trial.answer(first, {"access_token": "a", "refresh_token": "r1"})
    for number, token in enumerate(sent, 2):
        form = {"grant_type": "refresh_token", "refresh_token": token}
        asked = trial.request("POST", TOKEN, form=form)
        trial.answer(asked, {"access_token": "a", "refresh_token": f"r{number}"})
    assert REFRESH["rotation-stored"](trial.evidence).outcome == outcome


def refused(status: int, said: object, *, refreshes: int = 1, location: str | None = None) -> Trial:
    trial = Trial()
    trial.note("where users connect", "/connect")
    trial.step("a refused refresh")
    down = trial.post(f"{TARGET}/call", {})
    for _ in range(refreshes):
        form = {"grant_type": "refresh_token", "refresh_token": "r"}
        asked = trial.request("POST", TOKEN, form=form)
        trial.answer(asked, {"error": "invalid_grant"}, status=400)
    trial.answer(down, said, status=status, headers={"location": location} if location else None)
    return trial


@pytest.mark.parametrize(
    ("check", "trial", "outcome"),
    [
        ("told", refused(401, {"error": "please log in again"}), "pass"),
        ("told", refused(302, {}, location="/connect"), "pass"),
        ("told", refused(409, {"error": "no"}), "fail"),
        ("told", refused(502, {"error": "reconnect"}), "fail"),
        ("told", refused(409, {"error": "reconnect"}, refreshes=0), "untestable"),
        ("where", refused(409, {"at": "https://gateway.example/connect"}), "pass"),
        ("where", refused(302, {}, location="/connect"), "pass"),
        ("where", refused(409, {"error": "reconnect"}), "fail"),
        ("quiet", refused(409, {}, refreshes=2), "pass"),
        ("quiet", refused(409, {}, refreshes=3), "fail"),
        ("quiet", refused(409, {}, refreshes=0), "untestable"),
    ],
)
def test_what_a_user_is_told(check: str, trial: Trial, outcome: Outcome) -> None:
    assert RECONNECT[check](trial.evidence).outcome == outcome
