"""Where a redirect for the slash may lead, and which URLs may be told behind TLS."""

import pytest

from play import call, initialize, initialized, result
from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.checks.bridge.places import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("place."): check.judge for check in FAMILY.checks}
MCP = f"{TARGET}/mcp"
PLAIN = TARGET.replace("https://", "http://")
TOKEN = {"authorization": "Bearer a-token"}


def begun() -> Trial:
    trial = Trial()
    trial.answer(trial.post(MCP, initialize()), initialized())
    return trial


@pytest.mark.parametrize(
    ("status", "led", "outcome"),
    [
        (200, None, "pass"),
        (307, "/mcp", "pass"),
        (308, MCP, "pass"),
        (404, None, "fail"),
        (301, MCP, "fail"),
        (307, f"{PLAIN}/mcp", "fail"),
        (307, "https://elsewhere.example/mcp", "fail"),
        (307, "/login", "fail"),
    ],
)
def test_the_other_slash(status: int, led: str | None, outcome: Outcome) -> None:
    trial = begun()
    trial.step("the other slash")
    asked = trial.post(f"{MCP}/", call(1, "ping"), TOKEN)
    trial.answer(asked, result(1), status=status, headers={"location": led})
    assert JUDGES["slash"](trial.evidence).outcome == outcome


def test_the_other_slash_without_a_token() -> None:
    for status, outcome in ((401, "pass"), (200, "fail"), (404, "fail")):
        trial = begun()
        trial.step("the other slash")
        trial.answer(trial.post(f"{MCP}/", call(1, "ping")), status=status)
        assert JUDGES["slash"](trial.evidence).outcome == outcome
    assert JUDGES["slash"](begun().evidence).outcome == "untestable"


@pytest.mark.parametrize(
    ("led", "outcome"),
    [
        (f"{PLAIN}/mcp/", "fail"),
        (f"{TARGET}/mcp/", "pass"),
        ("/mcp/", "pass"),
        ("http://service.example/authorize", "pass"),
        (None, "pass"),
    ],
)
def test_nothing_leads_from_https_to_http(led: str | None, outcome: Outcome) -> None:
    trial = begun()
    trial.step("behind TLS")
    asked = trial.post(MCP, call(1, "ping"))
    trial.answer(asked, status=307 if led else 200, headers={"location": led})
    assert JUDGES["redirect-to-http"](trial.evidence).outcome == outcome


@pytest.mark.parametrize(
    ("document", "challenge", "outcome"),
    [
        ({"resource": MCP, "authorization_servers": [TARGET]}, None, "pass"),
        ({"resource": MCP, "authorization_servers": [PLAIN]}, None, "fail"),
        ({"resource": MCP}, f'Bearer resource_metadata="{PLAIN}/x"', "fail"),
        ({"resource": MCP, "policy": "http://elsewhere.example"}, None, "pass"),
    ],
)
def test_urls_are_https(document: object, challenge: str | None, outcome: Outcome) -> None:
    trial = begun()
    trial.step("behind TLS")
    at = f"{TARGET}/.well-known/oauth-protected-resource"
    trial.answer(trial.request("GET", at), document)
    refused = trial.post(MCP, call(1, "ping"))
    trial.answer(refused, status=401, headers={"www-authenticate": challenge})
    assert JUDGES["https-urls"](trial.evidence).outcome == outcome
    assert JUDGES["https-urls"](begun().evidence).outcome == "untestable"


def test_users_come_back_by_https() -> None:
    for base, outcome in ((TARGET, "pass"), (PLAIN, "fail")):
        trial = begun()
        trial.step("authorization behind TLS")
        query = f"response_type=code&client_id=a-client&redirect_uri={base}/callback"
        trial.answer(trial.request("GET", f"{SERVICE}/authorize?{query}"), status=302)
        assert JUDGES["https-callback"](trial.evidence).outcome == outcome
    assert JUDGES["https-callback"](begun().evidence).outcome == "untestable"
