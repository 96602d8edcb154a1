"""What is a right message of a client, and what is none."""

from typing import Any

import pytest

from play import call, initialize, initialized, note, result
from trials import SERVICE, Trial
from wiretape.replay.conformance.checks.client.messages import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id: check.judge for check in FAMILY.checks}
MCP, TOKEN = f"{SERVICE}/mcp", f"{SERVICE}/token"
SESSION = {
    "mcp-session-id": "s",
    "mcp-protocol-version": "2025-06-18",
    "authorization": "Bearer a",
}


def session(*, later: dict[str, str] | None = None, told: bool = True) -> Trial:
    """A session in which the list of tools has these headers instead of the right ones."""
    trial = Trial()
    form = {"grant_type": "authorization_code", "code": "c"}
    trial.answer(trial.request("POST", TOKEN, form=form), {"access_token": "a"})
    begun = trial.post(MCP, initialize(), {"authorization": "Bearer a"})
    trial.answer(begun, initialized(), headers={"mcp-session-id": "s"})
    if told:
        trial.answer(trial.post(MCP, note("notifications/initialized"), SESSION), status=202)
    tools = trial.post(MCP, call(1, "tools/list"), SESSION if later is None else later)
    trial.answer(tools, result(1, tools=[]))
    return trial


def outcome(id_: str, trial: Trial) -> Outcome:
    return JUDGES[id_](trial.evidence).outcome


@pytest.mark.parametrize("id_", sorted(JUDGES.keys() - {"session.ended"}))
def test_a_right_session_passes(id_: str) -> None:
    assert outcome(id_, session()) == "pass"


@pytest.mark.parametrize("id_", JUDGES)
def test_where_there_is_nothing_nothing_passes(id_: str) -> None:
    assert outcome(id_, Trial()) == "untestable"


@pytest.mark.parametrize(
    ("id_", "lacks"),
    [
        ("session.id", "mcp-session-id"),
        ("session.version", "mcp-protocol-version"),
        ("token.in-header", "authorization"),
    ],
)
def test_one_request_without_it_fails(id_: str, lacks: str) -> None:
    later = {name: value for name, value in SESSION.items() if name != lacks}
    assert outcome(id_, session(later=later)) == "fail"


@pytest.mark.parametrize(
    ("method", "accept", "good"),
    [
        ("POST", "application/json, text/event-stream", "pass"),
        ("POST", "text/event-stream;q=0.5,Application/JSON", "pass"),
        ("POST", "application/json", "fail"),
        ("POST", "*/*", "fail"),
        ("GET", "text/event-stream", "pass"),
        ("GET", "application/json", "fail"),
        ("DELETE", "*/*", "pass"),
    ],
)
def test_what_is_accepted(method: str, accept: str, good: Outcome) -> None:
    trial = session()
    asked: dict[str, Any] = {"json": call(2, "ping")} if method == "POST" else {}
    trial.answer(trial.request(method, MCP, headers={"accept": accept}, **asked), status=405)
    assert outcome("headers.accept", trial) == good


def test_a_session_without_initialized_fails() -> None:
    assert outcome("session.initialized", session(told=False)) == "fail"


def test_a_session_that_is_ended() -> None:
    trial = session()
    assert outcome("session.ended", trial) == "fail"
    trial = session()
    trial.answer(trial.request("DELETE", MCP, headers=SESSION), status=204)
    assert outcome("session.ended", trial) == "pass"


def test_a_server_without_sessions_is_no_failure_of_the_client() -> None:
    trial = Trial()
    trial.answer(trial.post(MCP, initialize()), initialized())
    trial.answer(trial.post(MCP, call(1, "tools/list")), result(1, tools=[]))
    for id_ in ("session.id", "session.ended"):
        assert outcome(id_, trial) == "untestable"


@pytest.mark.parametrize("query", ["access_token=b", "token=a"])
def test_a_token_in_a_url_fails(query: str) -> None:
    trial = session()
    trial.answer(trial.request("GET", f"{MCP}?{query}"), status=405)
    assert outcome("token.not-in-url", trial) == "fail"


def test_a_token_request_in_json_fails() -> None:
    trial = session()
    asked = {"grant_type": "refresh_token", "refresh_token": "r"}
    trial.answer(trial.request("POST", TOKEN, json=asked), status=400)
    assert outcome("token.form", trial) == "fail"
