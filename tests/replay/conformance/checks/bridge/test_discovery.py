"""Documents as others have them: issuers with a path, a slash too many, on another origin."""

from typing import Any

import pytest

from trials import TARGET, Trial
from wiretape.replay.conformance.checks.bridge.discovery import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("discovery."): check.judge for check in FAMILY.checks}
JSON = {"content-type": "application/json"}
METADATA = {
    "issuer": TARGET,
    "authorization_endpoint": f"{TARGET}/authorize",
    "token_endpoint": f"{TARGET}/token",
}


def found(*documents: tuple[str, Any]) -> Trial:
    """A trial in which these well-known documents were found; None is not found."""
    trial = Trial()
    for name, told in documents:
        asked = trial.request("GET", f"{TARGET}/.well-known/{name}")
        status = 404 if told is None else 200
        trial.answer(asked, told, status=status, headers=JSON)
    return trial


def resource(path: str = "/mcp", **told: Any) -> tuple[str, Any]:
    usual = {"resource": f"{TARGET}/mcp", "authorization_servers": [TARGET]}
    return f"oauth-protected-resource{path}", usual | told


def server(path: str = "", **told: Any) -> tuple[str, Any]:
    return f"oauth-authorization-server{path}", METADATA | told


def judged(judge: str, *documents: tuple[str, Any]) -> Outcome:
    return JUDGES[judge](found(*documents).evidence).outcome


@pytest.mark.parametrize(
    ("documents", "outcome"),
    [
        ([server()], "pass"),
        ([server(issuer=f"{TARGET}/")], "pass"),
        ([server(issuer="https://another.example")], "fail"),
        ([server("/tenant", issuer=f"{TARGET}/tenant")], "pass"),
        ([server("/tenant")], "fail"),
        ([resource(), server()], "pass"),
        ([resource(authorization_servers=[f"{TARGET}/"]), server()], "fail"),
        ([resource(authorization_servers=[f"{TARGET}/"]), server(issuer=f"{TARGET}/")], "pass"),
        ([("oauth-authorization-server", None)], "untestable"),
    ],
)
def test_the_issuer_is_compared_with_where_it_was_found(
    documents: list[tuple[str, Any]], outcome: Outcome
) -> None:
    assert judged("issuer", *documents) == outcome


@pytest.mark.parametrize(
    ("document", "outcome"),
    [
        (resource(), "pass"),
        (resource(resource=f"{TARGET}/mcp/"), "pass"),
        (resource(resource=f"{TARGET}/other"), "fail"),
        (resource(resource=None), "fail"),
        (resource("", resource=TARGET), "pass"),
        (resource(""), "pass"),
        (resource("", resource="https://another.example/mcp"), "fail"),
        (("oauth-protected-resource/mcp", None), "untestable"),
    ],
)
def test_the_resource_is_compared_with_what_was_asked_about(
    document: tuple[str, Any], outcome: Outcome
) -> None:
    assert judged("resource", document) == outcome


@pytest.mark.parametrize(
    ("document", "outcome"),
    [
        (server(), "pass"),
        (server(token_endpoint="/token"), "fail"),
        (server(token_endpoint=f"{TARGET}/token#x"), "fail"),
        (server(token_endpoint=f"{TARGET}/token".replace("https", "http")), "fail"),
        (server(token_endpoint=None), "fail"),
        (server(revocation_endpoint=7), "fail"),
        (("oauth-authorization-server", {"issuer": TARGET}), "fail"),
        (("oauth-authorization-server", [7]), "untestable"),
    ],
)
def test_endpoints_are_urls_of_the_same_scheme(document: tuple[str, Any], outcome: Outcome) -> None:
    assert judged("endpoints", document) == outcome


@pytest.mark.parametrize(
    ("listed", "outcome"),
    [(["S256"], "pass"), (["plain", "S256"], "pass"), (["plain"], "fail"), ("S256", "fail")],
)
def test_what_is_listed_is_a_list(listed: object, outcome: Outcome) -> None:
    assert judged("pkce", server(code_challenge_methods_supported=listed)) == outcome


def test_what_was_looked_for_and_not_found_is_missing() -> None:
    gone = ("oauth-protected-resource/mcp", None)
    assert judged("resource-metadata", gone) == "fail"
    assert judged("resource-metadata") == "untestable"
    assert judged("server-metadata", ("oauth-authorization-server", None)) == "fail"
    assert judged("server-metadata") == "untestable"


@pytest.mark.parametrize(
    ("told", "outcome"),
    [({}, "fail"), ({"token_endpoint_auth_method": "none"}, "pass")],
)
def test_how_clients_authenticate_is_basic_if_nothing_is_said(
    told: dict[str, str], outcome: Outcome
) -> None:
    trial = found(server(token_endpoint_auth_methods_supported=["none"]))
    asked = trial.request(
        "POST", f"{TARGET}/register", json={"redirect_uris": ["http://127.0.0.1/"]}, headers=JSON
    )
    trial.answer(asked, {"client_id": "a-client", **told}, status=201, headers=JSON)
    assert JUDGES["auth-methods"](trial.evidence).outcome == outcome


@pytest.mark.parametrize(
    ("listed", "registered", "outcome"),
    [
        (["none"], {"token_endpoint_auth_method": "none"}, "pass"),
        (["client_secret_post"], {"token_endpoint_auth_method": "none"}, "fail"),
        (None, {"token_endpoint_auth_method": "none"}, "fail"),
        (None, {"token_endpoint_auth_method": "client_secret_basic"}, "pass"),
        (None, {}, "pass"),
    ],
)
def test_a_list_of_auth_methods_that_is_left_out_means_basic(
    listed: list[str] | None, registered: dict[str, str], outcome: Outcome
) -> None:
    told = {} if listed is None else {"token_endpoint_auth_methods_supported": listed}
    trial = found(server(**told))
    asked = trial.post(f"{TARGET}/register", {"redirect_uris": ["http://127.0.0.1:9/callback"]})
    trial.answer(asked, {"client_id": "c"} | registered, status=201, headers=JSON)
    assert JUDGES["auth-methods"](trial.evidence).outcome == outcome
