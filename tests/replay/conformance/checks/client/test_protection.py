"""What an authorization request, and an exchange, have to have."""

from urllib.parse import urlencode

import pytest

from play import call, result
from trials import SERVICE, Trial
from wiretape.replay.conformance.checks.client.protection import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id: check.judge for check in FAMILY.checks}
MCP = f"{SERVICE}/v1/mcp"
ASKED = {
    "response_type": "code",
    "client_id": "client",
    "state": "state",
    "code_challenge": "c" * 43,
    "code_challenge_method": "S256",
    "resource": MCP,
}
EXCHANGED = {
    "grant_type": "authorization_code",
    "code": "code",
    "code_verifier": "v" * 43,
    "resource": MCP,
}


def login(asked: dict[str, str | None], exchanged: dict[str, str | None]) -> Trial:
    """A login with other parameters; None leaves one out."""
    trial = Trial()
    query = {name: value for name, value in (ASKED | asked).items() if value is not None}
    trial.answer(trial.request("GET", f"{SERVICE}/authorize?{urlencode(query)}"), status=302)
    form = {name: value for name, value in (EXCHANGED | exchanged).items() if value is not None}
    trial.answer(trial.request("POST", f"{SERVICE}/token", form=form), {"access_token": "a"})
    trial.answer(trial.post(MCP, call(1, "tools/list")), result(1, tools=[]))
    return trial


@pytest.mark.parametrize("id_", JUDGES)
def test_a_right_login_passes(id_: str) -> None:
    assert JUDGES[id_](login({}, {}).evidence).outcome == "pass"
    assert JUDGES[id_](Trial().evidence).outcome == "untestable"


@pytest.mark.parametrize(
    ("id_", "asked", "exchanged"),
    [
        ("pkce.s256", {"code_challenge_method": None}, {}),
        ("pkce.s256", {"code_challenge_method": "plain"}, {}),
        ("pkce.s256", {"code_challenge": None}, {}),
        ("pkce.s256", {"code_challenge": "c" * 42}, {}),
        ("pkce.verifier", {}, {"code_verifier": None}),
        ("pkce.verifier", {}, {"code_verifier": "v" * 42}),
        ("pkce.verifier", {}, {"code_verifier": "v" * 129}),
        ("pkce.verifier", {}, {"code_verifier": "v" * 42 + "+"}),
        ("state.sent", {"state": None}, {}),
        ("resource.authorization", {"resource": None}, {}),
        ("resource.token", {}, {"resource": None}),
        ("resource.token", {}, {"resource": "https://elsewhere.example/v1/mcp"}),
        ("resource.token", {}, {"resource": f"{SERVICE}/v2"}),
        ("resource.token", {}, {"resource": f"{SERVICE}/v1/m"}),
    ],
)
def test_what_is_wrong_fails(
    id_: str, asked: dict[str, str | None], exchanged: dict[str, str | None]
) -> None:
    assert JUDGES[id_](login(asked, exchanged).evidence).outcome == "fail"


@pytest.mark.parametrize("resource", [MCP, f"{MCP}/", f"{SERVICE}/v1", f"{SERVICE}/", SERVICE])
def test_the_resource_may_be_what_is_above_the_endpoint(resource: str) -> None:
    outcome: Outcome = JUDGES["resource.token"](login({}, {"resource": resource}).evidence).outcome
    assert outcome == "pass"
