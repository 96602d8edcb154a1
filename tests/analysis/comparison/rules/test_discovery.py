from typing import Any

import pytest

from comparing import judged

SERVER = "discovery.server-metadata.document"
WELL_KNOWN = "/.well-known/oauth-authorization-server"
METADATA: dict[str, Any] = {
    "issuer": "https://a.example.com",
    "authorization_endpoint": "https://a.example.com/authorize",
    "token_endpoint": "https://a.example.com/token",
    "registration_endpoint": "https://a.example.com/register",
    "revocation_endpoint": "https://a.example.com/revoke",
    "grant_types_supported": ["authorization_code", "refresh_token"],
    "token_endpoint_auth_methods_supported": ["none", "client_secret_post"],
    "code_challenge_methods_supported": ["plain", "S256"],
    "scopes_supported": ["read", "offline_access"],
}


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in METADATA.items() if name not in names}


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (without("token_endpoint"), {"discovery.token_endpoint": "breaking"}),
        (without("registration_endpoint"), {"discovery.registration_endpoint": "breaking"}),
        (
            without("registration_endpoint") | {"client_id_metadata_document_supported": True},
            {"discovery.registration_endpoint": "risky"},
        ),
        (without("revocation_endpoint"), {"discovery.revocation_endpoint": "cosmetic"}),
        (without("scopes_supported"), {}),
        (METADATA | {"issuer": "https://b.example.com"}, {}),
        (METADATA | {"code_challenge_methods_supported": ["S256"]}, {}),
        (METADATA | {"code_challenge_methods_supported": []}, {"discovery.pkce": "breaking"}),
        (
            METADATA | {"token_endpoint_auth_methods_supported": ["client_secret_post"]},
            {"discovery.public-clients": "risky"},
        ),
        (
            METADATA | {"grant_types_supported": ["authorization_code"]},
            {"discovery.refresh": "risky"},
        ),
        (METADATA | {"scopes_supported": ["read"]}, {"scope.offline-access-missing": "risky"}),
        (METADATA | {"scopes_supported": ["offline_access"]}, {"discovery.scopes": "risky"}),
    ],
)
def test_server_metadata(subject: dict[str, Any], expected: dict[str, str]) -> None:
    assert judged(SERVER, METADATA, subject) == expected


def test_whatever_the_path_a_document_must_be_found() -> None:
    at = "discovery.server-metadata"
    assert judged(at, {WELL_KNOWN: 200}, {f"{WELL_KNOWN}/mcp": 200, WELL_KNOWN: 404}) == {}
    assert judged(at, {WELL_KNOWN: 200}, {WELL_KNOWN: 404}) == {at: "breaking"}
    assert judged(at, {WELL_KNOWN: 404}, {WELL_KNOWN: 404, "/x": 404}) == {}
    at = "discovery.resource-metadata"
    assert judged(at, {"/a": 200}, {"/a": 404}) == {at: "risky"}


def test_identifiers_that_do_not_match() -> None:
    at = "discovery.issuer_matches"
    assert judged(at, reference=True, subject=False) == {"discovery.issuer-mismatch": "breaking"}
    assert judged(at, reference=False, subject=True) == {}
    at = "discovery.resource_matches"
    assert judged(at, reference=True, subject=False) == {"discovery.resource-mismatch": "breaking"}


def test_a_resource_must_name_its_authorization_server() -> None:
    at = "discovery.resource-metadata.document"
    named = {"authorization_servers": ["https://a.example.com"]}
    assert judged(at, named, {}) == {"discovery.authorization-servers": "breaking"}
    assert judged(at, named, {"authorization_servers": ["https://b.example.com"]}) == {}


def test_other_origins_are_no_difference() -> None:
    assert judged("discovery.cross_origin", ["issuer"], []) == {}


def test_how_metadata_is_served() -> None:
    at = "discovery.server-metadata.answers"
    served = {WELL_KNOWN: {"media_type": "application/json; charset=utf-8", "cache_control": "x"}}
    plain = {WELL_KNOWN: {"media_type": "Application/JSON"}, f"{WELL_KNOWN}/mcp": {"body": "no"}}
    page = {WELL_KNOWN: {"media_type": "text/html"}}
    assert judged(at, served, plain) == {}
    assert judged(at, served, page) == {"discovery.media-type": "risky"}
    assert judged(at, page, served) == {}
    refused = {WELL_KNOWN: {"media_type": "text/html", "body": "not found"}}
    assert judged(at, served, refused) == {}
