"""Whose token, session and answer a call had."""

import pytest

from play import call, initialize, initialized, result
from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.checks.bridge.users import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("users."): check.judge for check in FAMILY.checks}
MCP, UPSTREAM = f"{TARGET}/mcp", f"{SERVICE}/mcp"
TOKENS = {"one": "token-of-a", "two": "token-of-b"}


def played(token: str = "token-of-b", session: str = "session-b", answer: str = "for two") -> Trial:
    """Both users log in and call; what is the second's may be another's."""
    trial = Trial()
    for name, issued in TOKENS.items():
        trial.step(f"login of {name}")
        asked = trial.request("POST", f"{SERVICE}/token", form={"grant_type": "authorization_code"})
        trial.answer(asked, {"access_token": issued, "token_type": "bearer"})
    trial.step("calls of all users")
    said = {"one": ("token-of-a", "session-a", "for one"), "two": (token, session, answer)}
    for number, (name, (bearer, id_, text)) in enumerate(said.items(), 1):
        made = call(number, "tools/call", name="a", arguments={"text": f"{name} 0"})
        answered = result(number, content=[{"type": "text", "text": text}])
        down = trial.post(MCP, made, {"mcp-session-id": f"down-{name}"})
        up = {"authorization": f"Bearer {bearer}", "mcp-session-id": id_}
        trial.answer(trial.post(UPSTREAM, made, up), answered)
        trial.answer(down, answered)
    return trial


@pytest.mark.parametrize(
    ("check", "trial", "outcome"),
    [
        ("tokens", played(), "pass"),
        ("tokens", played(token="token-of-a"), "fail"),
        ("tokens", played(token="token-of-c"), "fail"),
        ("answers", played(), "pass"),
        ("answers", played(answer="for one"), "fail"),
        ("answers", played(answer="nothing"), "fail"),
        ("sessions", played(), "pass"),
        ("sessions", played(session="session-a"), "fail"),
    ],
)
def test_what_is_mixed_up(check: str, trial: Trial, outcome: Outcome) -> None:
    assert JUDGES[check](trial.evidence).outcome == outcome


def test_one_user_cannot_be_mixed_up() -> None:
    trial = Trial()
    trial.answer(trial.post(MCP, initialize()), initialized())
    assert {judge(trial.evidence).outcome for judge in JUDGES.values()} == {"untestable"}
