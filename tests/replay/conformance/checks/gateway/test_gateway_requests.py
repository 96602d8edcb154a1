"""How a service may be asked: what is right, and what is not."""

from collections.abc import Mapping

import pytest

from play import call, initialize, initialized, result
from trials import SERVICE, Trial
from wiretape.replay.conformance.checks.gateway.requests import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("requests."): check.judge for check in FAMILY.checks}
MCP = f"{SERVICE}/mcp"
OWN = {
    "authorization": "Bearer token-of-ada",
    "x-atlassian-cloud-id": "site-of-ada",
    "mcp-session-id": "a-session",
    "mcp-protocol-version": "2025-06-18",
}


def connected() -> Trial:
    trial = Trial()
    asked = trial.request("POST", f"{SERVICE}/token", form={"grant_type": "authorization_code"})
    trial.answer(asked, {"access_token": "token-of-ada", "refresh_token": "first"})
    sites = trial.request(
        "GET", f"{SERVICE}/sites", headers={"authorization": OWN["authorization"]}
    )
    trial.answer(sites, [{"id": "site-of-ada"}])
    return trial


def asked(
    headers: Mapping[str, str | None] | None = None,
    *,
    version: str = "2025-06-18",
    session: str | None = "a-session",
) -> Trial:
    """A session, and in it a call with these headers, too."""
    trial = connected()
    first = {name: OWN[name] for name in ("authorization", "x-atlassian-cloud-id")}
    given = {} if session is None else {"mcp-session-id": session}
    trial.answer(
        trial.post(MCP, initialize(1, version), first), initialized(1, version), headers=given
    )
    sent = {name: value for name, value in (OWN | dict(headers or {})).items() if value is not None}
    trial.answer(trial.post(MCP, call(2, "tools/list"), sent), result(2, tools=[]))
    return trial


@pytest.mark.parametrize(
    ("check", "trial", "outcome"),
    [
        ("cloud-id", asked(), "pass"),
        ("cloud-id", asked({"x-atlassian-cloud-id": None}), "fail"),
        ("cloud-id", asked({"x-atlassian-cloud-id": "site-of-bob"}), "fail"),
        ("cloud-id", connected(), "untestable"),
        ("header-once", asked(), "pass"),
        ("header-once", asked({"Authorization": "Bearer token-of-ada"}), "fail"),
        ("header-once", asked({"via": "a", "Via": "b"}), "pass"),
        ("accept", asked(), "pass"),
        ("accept", asked({"accept": "text/event-stream, Application/JSON;q=0.9"}), "pass"),
        ("accept", asked({"accept": "application/json"}), "fail"),
        ("accept", asked({"accept": "*/*"}), "fail"),
        ("sdk", asked(), "pass"),
        ("sdk", asked(version="2024-11-05"), "fail"),
        ("sdk", connected(), "untestable"),
        ("version", asked(), "pass"),
        ("version", asked({"mcp-protocol-version": None}), "fail"),
        ("version", asked({"mcp-protocol-version": "2025-03-26"}), "fail"),
        ("version", asked({"mcp-protocol-version": None}, version="2025-03-26"), "untestable"),
        ("session", asked(), "pass"),
        ("session", asked({"mcp-session-id": None}), "fail"),
        ("session", asked({"mcp-session-id": "another"}), "fail"),
        ("session", asked({"mcp-session-id": None}, session=None), "untestable"),
        ("session", asked({"authorization": "Bearer token-of-bob"}), "fail"),
        ("transport", asked(), "pass"),
        ("transport", asked({"mcp-session-id": None}), "fail"),
        ("transport", asked({"mcp-session-id": None}, session=None), "pass"),
        ("bearer", asked(), "pass"),
        ("bearer", asked({"authorization": None}), "fail"),
    ],
)
def test_a_request_is_as_it_ought_to_be(check: str, trial: Trial, outcome: Outcome) -> None:
    assert JUDGES[check](trial.evidence).outcome == outcome


def test_a_service_with_sessions_is_not_asked_for_a_stream_first() -> None:
    trial = connected()
    trial.answer(trial.listen(MCP, {"authorization": OWN["authorization"]}), status=400)
    sent = {name: OWN[name] for name in ("authorization", "x-atlassian-cloud-id")}
    begun = trial.post(MCP, initialize(1), sent)
    trial.answer(begun, initialized(1), headers={"mcp-session-id": "a-session"})
    assert JUDGES["transport"](trial.evidence).outcome == "fail"


@pytest.mark.parametrize(("site", "outcome"), [("site-of-ada", "pass"), ("site-of-bob", "fail")])
def test_a_refreshed_token_is_the_same_users(site: str, outcome: Outcome) -> None:
    trial = connected()
    form = {"grant_type": "refresh_token", "refresh_token": "first"}
    trial.answer(trial.request("POST", f"{SERVICE}/token", form=form), {"access_token": "newer"})
    sent = {"authorization": "Bearer newer", "x-atlassian-cloud-id": site}
    trial.answer(trial.post(MCP, initialize(1), sent), initialized(1))
    assert JUDGES["cloud-id"](trial.evidence).outcome == outcome
