"""Which refresh token is the newest, and whether the new access token is used."""

import pytest

from play import call, result
from trials import SERVICE, Trial
from wiretape.replay.conformance.checks.client.expiry import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("refresh."): check.judge for check in FAMILY.checks}
MCP, TOKEN = f"{SERVICE}/mcp", f"{SERVICE}/token"


def granted(trial: Trial, access: str, refresh: str | None, **form: str) -> None:
    told = {"access_token": access} | ({"refresh_token": refresh} if refresh else {})
    trial.answer(trial.request("POST", TOKEN, form=form), told)


def refreshed(*steps: tuple[str, str | None], first: str | None = "r0") -> Trial:
    """Refreshes: the token sent, and the one that came with the answer."""
    trial = Trial()
    granted(trial, "a0", first, grant_type="authorization_code", code="c")
    for number, (sent, came) in enumerate(steps, 1):
        form = {"grant_type": "refresh_token", "refresh_token": sent, "resource": MCP}
        granted(trial, f"a{number}", came, **form)
    return trial


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ([("r0", "r1"), ("r1", "r2")], "pass"),
        ([("r0", None), ("r0", None)], "pass"),
        ([("r0", "r1"), ("r0", "r2")], "fail"),
        ([("r0", "r1"), ("r1", None), ("r0", "r2")], "fail"),
        ([("r0", "r1")], "untestable"),
        ([], "untestable"),
    ],
)
def test_the_newest_token_is_sent(steps: list[tuple[str, str | None]], outcome: Outcome) -> None:
    assert JUDGES["rotated"](refreshed(*steps).evidence).outcome == outcome


@pytest.mark.parametrize(
    ("bearer", "outcome"), [("a1", "pass"), ("a0", "fail"), (None, "untestable")]
)
def test_the_new_access_token_is_used(bearer: str | None, outcome: Outcome) -> None:
    trial = refreshed(("r0", "r1"))
    if bearer is not None:
        headers = {"authorization": f"Bearer {bearer}"}
        trial.answer(trial.post(MCP, call(1, "tools/list"), headers), result(1, tools=[]))
    assert JUDGES["new-token"](trial.evidence).outcome == outcome


def test_without_a_refresh_the_token_was_not_refreshed() -> None:
    assert JUDGES["used"](refreshed().evidence).outcome == "fail"
    assert JUDGES["used"](Trial().evidence).outcome == "untestable"
    assert JUDGES["resource"](refreshed().evidence).outcome == "untestable"
