"""How clients ask for authorization."""

from typing import Any
from urllib.parse import urlencode

import pytest

from concluded import findings
from granting import AUTHORIZE, SITE
from our_bridge import our_bridge
from peers.processes import ROOT
from play import Json, Play, initialize, initialized
from players import MCP

ASKED = {"response_type": "code", "client_id": "abc", "state": "s"}
BACK = "http://127.0.0.1:1/callback"


def authorize(
    play: Play, to: str | None = None, url: str = AUTHORIZE, status: int = 302, **asked: str
) -> Play:
    """Ask for authorization; the service sends the browser on."""
    number = play.request("GET", f"{url}?{urlencode(ASKED | asked)}")
    play.answer(number, status=status, headers={"Location": to})
    return play


def told(play: Play, side: str = "") -> dict[str, Any]:
    area = f"{side}authorization."
    found = findings(play).items()
    return {id_.removeprefix(area): each.value for id_, each in found if id_.startswith(area)}


def test_a_request_is_told_in_full() -> None:
    play = authorize(
        Play(),
        f"{BACK}?code=k&state=s&iss=https://mcp.example.com",
        code_challenge="x",
        code_challenge_method="S256",
        resource=MCP,
        scope="write offline_access read",
        redirect_uri=BACK,
    )
    assert told(play) == {
        "pkce": "S256",
        "resource": True,
        "state": True,
        "scope": ["offline_access", "read", "write"],
        "offline_access": True,
        "redirect_uri": "loopback-ip",
        "parameters": [
            *("client_id", "code_challenge", "code_challenge_method", "redirect_uri"),
            *("resource", "response_type", "scope", "state"),
        ],
        "status": 302,
        "answer": ["code", "iss", "state"],
    }


def test_what_is_not_asked_for_is_told_as_missing() -> None:
    found = told(authorize(Play(), f"{BACK}?code=k&state=s"))
    assert (found["pkce"], found["resource"], found["offline_access"]) == (None, False, False)
    assert (found["scope"], found["redirect_uri"]) == ([], None)


def test_a_challenge_without_a_method_is_plain() -> None:
    assert told(authorize(Play(), code_challenge="x"))["pkce"] == "plain"
    assert told(authorize(Play(), code_challenge_method="S256"))["pkce"] is None


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("http://127.0.0.1:33418/", "loopback-ip"),
        ("http://[::1]/callback", "loopback-ip"),
        ("http://localhost:8765/callback", "localhost"),
        ("https://app.example.com/callback", "https"),
        ("http://192.0.2.1/callback", "http"),
        ("com.example.app:/callback", "custom-scheme"),
        ("vscode://callback", "custom-scheme"),
        ("http://[broken", "other"),
    ],
)
def test_redirect_uris_are_of_a_kind(uri: str, kind: str) -> None:
    assert told(authorize(Play(), redirect_uri=uri))["redirect_uri"] == kind


def test_without_a_request_nothing_is_known() -> None:
    play = Play()
    play.answer(play.request("GET", AUTHORIZE), status=400)
    play.answer(play.request("GET", f"{AUTHORIZE}?client_id=abc"), status=400)
    assert told(play) == {}


def test_the_answer_may_come_after_a_page_in_between() -> None:
    play = authorize(Play(), f"{SITE}/login")
    asked = play.request("POST", f"{SITE}/login", form={"yes": "1"})
    play.answer(asked, status=302, headers={"Location": f"{BACK}?code=k&state=s"})
    assert told(play)["answer"] == ["code", "state"]


def test_the_answer_may_be_seen_only_where_it_arrives() -> None:
    play = Play()
    play.answer(play.request("GET", f"{BACK}?code=k&state=s&session=1"), text="Thanks")
    assert told(play) == {"answer": ["code", "session", "state"]}


def test_an_error_comes_back_in_a_redirect() -> None:
    back = (
        f"{BACK}?{urlencode({'error': 'invalid_scope', 'error_description': 'no', 'state': 's'})}"
    )
    found = told(authorize(Play(), back))
    redirect = {"error": "invalid_scope", "error_description": "no"}
    assert found["error.invalid_scope"] == {"status": 302, "redirect": redirect}
    assert "answer" not in found


@pytest.mark.parametrize(
    ("status", "answer", "name"),
    [(500, {"error": "server_error"}, "server_error"), (403, None, "unnamed")],
)
def test_an_error_stands_in_the_answer(status: int, answer: Json, name: str) -> None:
    play = Play()
    play.answer(play.request("GET", f"{AUTHORIZE}?{urlencode(ASKED)}"), answer, status=status)
    found = told(play)
    assert found["status"] == status
    assert found[f"error.{name}"] == {"status": status, "body": answer}


def test_upstream_is_told_apart_when_the_service_has_an_endpoint_of_its_own() -> None:
    play = Play()
    play.answer(play.post(MCP, initialize()), initialized())
    authorize(play, code_challenge="x", code_challenge_method="S256")
    other = "https://auth.example.org/authorize"
    authorize(play, url=other)
    assert told(play)["pkce"] == "S256"
    assert told(play, "upstream.")["pkce"] is None
    play = Play()
    play.answer(play.post(MCP, initialize()), initialized())
    authorize(play, url=other)
    assert "pkce" in told(play)
    assert told(play, "upstream.") == {}


def test_a_bridge_asks_upstream_without_offline_access() -> None:
    found = findings(our_bridge())
    assert found["authorization.redirect_uri"].value == "localhost"
    assert found["upstream.authorization.redirect_uri"].value == "https"
    assert found["upstream.authorization.offline_access"].value is False
    assert found["authorization.answer"].value == ["code", "state"]


def test_a_real_authorization() -> None:
    found = findings(ROOT / "fixtures/recordings/oauth-streamable.jsonl")
    assert found["authorization.pkce"].value == "S256"
    assert found["authorization.resource"].value is True
    assert found["authorization.redirect_uri"].value == "loopback-ip"
    assert found["authorization.answer"].value == ["code", "state"]
    assert found["authorization.pkce"].evidence == ((0, 15),)
