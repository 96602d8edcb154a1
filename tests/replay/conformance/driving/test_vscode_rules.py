"""What VS Code decides."""

import pytest

from wiretape.replay.conformance.driving.vscode import rules
from wiretape.replay.conformance.driving.vscode.rules import Legacy, Mode, Next, Streamable, Unknown

SITE = "https://acme.example"
URL = f"{SITE}/mcp"


@pytest.mark.parametrize(
    ("mode", "status", "then"),
    [
        (Unknown(), 200, Next.READ),
        (Unknown(), 202, Next.READ),
        (Unknown(), 400, Next.FALL_BACK),
        (Unknown(), 404, Next.FALL_BACK),
        (Unknown(), 405, Next.FALL_BACK),
        (Unknown(), 429, Next.FALL_BACK),
        (Unknown(), 401, Next.FAIL),
        (Unknown(), 403, Next.FAIL),
        (Unknown(), 302, Next.FAIL),
        (Unknown(), 500, Next.FAIL),
        (Streamable("a"), 200, Next.READ),
        (Streamable("a"), 400, Next.NEW_SESSION),
        (Streamable("a"), 404, Next.NEW_SESSION),
        (Streamable("a"), 401, Next.FAIL),
        (Streamable("a"), 409, Next.FAIL),
        (Streamable("a"), 500, Next.FAIL),
        (Streamable(), 404, Next.FAIL),
    ],
)
def test_what_follows_an_answer(mode: Mode, status: int, then: Next) -> None:
    assert rules.after_post(mode, status) is then


@pytest.mark.parametrize("mode", [Unknown(), Streamable(), Streamable("a")])
def test_a_session_locks_streamable_http(mode: Mode) -> None:
    assert rules.locked(mode, "b") == Streamable("b")
    assert rules.locked(mode, None) == mode


def test_a_legacy_connection_stays_one() -> None:
    assert rules.locked(Legacy(URL), None) == Legacy(URL)


@pytest.mark.parametrize(
    ("status", "post", "get", "delete"),
    [
        (301, "GET", "GET", "DELETE"),
        (302, "GET", "GET", "DELETE"),
        (303, "GET", "GET", "GET"),
        (307, "POST", "GET", "DELETE"),
        (308, "POST", "GET", "DELETE"),
        (300, None, None, None),
        (200, None, None, None),
    ],
)
def test_redirects(status: int, post: str | None, get: str | None, delete: str | None) -> None:
    assert rules.redirected("POST", status, URL) == post
    assert rules.redirected("GET", status, URL) == get
    assert rules.redirected("DELETE", status, URL) == delete
    assert rules.redirected("POST", status, None) is None


def test_what_is_secret_stays_in_its_origin() -> None:
    secret = {"Authorization": "Bearer a", "Mcp-Session-Id": "b", "cookie": "c"}
    sent = {"Accept": "d", **secret}
    assert rules.carried(sent, URL, f"{URL}/") == sent
    assert rules.carried(sent, URL, "https://acme.example:8443/mcp") == {"Accept": "d"}


def test_challenges() -> None:
    said = ['Basic realm="x"', 'Bearer resource_metadata="https://a.example/prm", scope="r  w"']
    assert rules.challenged(said) == rules.Challenged("https://a.example/prm", ("r", "w"))
    assert rules.challenged(['Bearer error="invalid_token"']) == rules.Challenged()
    assert rules.challenged([]) == rules.Challenged()
    assert rules.challenged(['Bearer a="']) == rules.Challenged()


def test_where_documents_are_looked_for() -> None:
    known = "https://acme.example/.well-known/"
    resource = f"{known}oauth-protected-resource"
    places = ((f"{resource}/mcp", URL), (resource, SITE))
    assert rules.resource_documents(URL, None) == places
    assert rules.resource_documents(SITE, None) == ((resource, SITE),)
    said = "https://b.example/x"
    assert rules.resource_documents(URL, said) == ((said, URL), *places)
    assert rules.server_documents("https://acme.example/t") == (
        f"{known}oauth-authorization-server/t",
        f"{known}openid-configuration/t",
        "https://acme.example/t/.well-known/openid-configuration",
    )


@pytest.mark.parametrize(
    ("document", "good"),
    [
        ({"resource": URL}, True),
        ({"resource": "HTTPS://ACME.example:443/mcp"}, True),
        ({"resource": URL, "scopes_supported": ["r"]}, True),
        ({"resource": URL, "scopes_supported": "r"}, False),
        ({"resource": f"{URL}/"}, False),
        ({"resource": "https://acme.example"}, False),
        ({}, False),
        (None, False),
    ],
)
def test_metadata_is_of_the_very_resource(document: object, good: bool) -> None:
    assert rules.is_of(document, URL) is good


def test_any_issuer_will_do() -> None:
    assert rules.is_server({"issuer": "https://elsewhere.example"})
    assert not rules.is_server({"token_endpoint": URL})
    assert not rules.is_server(["issuer"])
    for url in ("/token", 7):
        assert not rules.is_server({"issuer": SITE, "token_endpoint": url})


def test_scopes() -> None:
    resource, server = {"scopes_supported": ["r"]}, {"scopes_supported": ["s", "t"]}
    assert rules.scopes(("c", "d"), resource, server) == "c d"
    assert rules.scopes(None, resource, server) == "r"
    assert rules.scopes(None, None, server) == "s t"
    assert rules.scopes(None, None, {}) == ""


def test_a_token_is_due_five_minutes_early() -> None:
    assert not rules.is_due(1000, 3300, 1000 + 3000)
    assert rules.is_due(1000, 3300, 1000 + 3001)
    assert not rules.is_due(1000, None, 1e9)
