"""Facts about its OAuth: documents, registration, tokens, refusals."""

from collections.abc import Iterator

from pydantic import JsonValue

from official.edge import ENDPOINT, ISSUER
from official.known.fact import Fact
from official.service import SCOPE

AUTHORIZE = "https://mcp.atlassian.com/v1/authorize"


def facts() -> Iterator[Fact]:
    yield from endpoints()
    yield from oauth()
    yield from tokens()
    yield from refusals()


def endpoints() -> Iterator[Fact]:
    part = "Endpoints and discovery"
    known = "/.well-known/oauth-authorization-server"
    document = "discovery.server-metadata.document"
    for what, path, value, said in (
        ("the endpoint", ("endpoint.sse",), ENDPOINT, (f"`{ENDPOINT}`",)),
        (
            "where the metadata is",
            ("discovery.server-metadata", known),
            200,
            (f"| `{known}` | `200` |",),
        ),
        (
            "no protected-resource metadata",
            ("discovery.resource-metadata",),
            {
                "/.well-known/oauth-protected-resource": 404,
                "/.well-known/oauth-protected-resource/v1/sse": 404,
            },
            ("protected-resource", "/v1/sse: 404`"),
        ),
        ("the issuer", (document, "issuer"), ISSUER, ("| `issuer` |", f"`{ISSUER}`")),
        (
            "the issuer is elsewhere",
            ("discovery.issuer_matches",),
            False,
            ("Whether `issuer` is what the document's URL was made from", "**no**"),
        ),
        (
            "the endpoints are elsewhere, but for one",
            ("discovery.cross_origin",),
            ["issuer", "registration_endpoint", "revocation_endpoint", "token_endpoint"],
            ("another origin", "`issuer`", "`registration_endpoint`", "`token_endpoint`"),
        ),
        (
            "where to authorize, by the metadata",
            (document, "authorization_endpoint"),
            AUTHORIZE,
            ("| `authorization_endpoint` |", f"`{AUTHORIZE}`"),
        ),
        (
            "where to authorize, by what clients did",
            ("endpoint.authorization",),
            AUTHORIZE,
            ("Authorization endpoint", f"`{AUTHORIZE}`"),
        ),
        (
            "the token endpoint",
            ("endpoint.token",),
            f"{ISSUER}/v1/token",
            ("Token endpoint", f"`{ISSUER}/v1/token`"),
        ),
        (
            "the registration endpoint",
            ("endpoint.registration",),
            f"{ISSUER}/v1/register",
            ("Registration endpoint", f"`{ISSUER}/v1/register`"),
        ),
    ):
        yield Fact(what, part, path, value, said)


def oauth() -> Iterator[Fact]:
    part = "Registration and PKCE"
    for what, path, value, said in (
        ("registration", ("registration.status",), 201, ("successful registration", "**201**")),
        ("client ids", ("client_id.shape", "length"), 16, ("client ids", "16 characters")),
        ("PKCE", ("authorization.pkce",), "S256", ("PKCE method", "`S256`")),
        ("the code", ("authorization.answer",), ["code", "state"], ("`code`", "`state`")),
        (
            "offline access is asked for",
            ("authorization.offline_access",),
            True,
            ("Whether authorization requests ask for `offline_access`", "**yes**"),
        ),
    ):
        yield Fact(what, part, path, value, said)
    part = "Refresh"
    for what, path, value, said in (
        ("a form", ("refresh.encoding",), "form", ("Encoding of refresh requests", "`form`")),
        ("at once", ("refresh.immediate",), True, ("within 60 s of the first grant", "**yes**")),
        ("a new one", ("refresh.rotates",), True, ("a new refresh token", "**yes**")),
        ("the scope stays", ("refresh.scope_kept",), True, ("keeps the scope", "**yes**")),
        (
            "the client id is named",
            ("refresh.parameters",),
            ["client_id", "grant_type", "refresh_token"],
            ("Parameters of successful refresh requests", "`client_id`"),
        ),
        (
            "the old one stays good until the newer is used",
            ("refresh.old_token",),
            "accepted until the newer is used",
            ("after it was rotated", "`accepted until the newer is used`"),
        ),
    ):
        yield Fact(what, part, path, value, said)


def tokens() -> Iterator[Fact]:
    part = "Tokens and their lifetime"
    for what, path, value, said in (
        ("the type", ("token.type",), "bearer", ("Token type", "`bearer`")),
        (
            "the lifetime told",
            ("token.lifetime",),
            3300,
            ("answers tell", "3,300 s (55 min)"),
        ),
        ("the lifetime seen", ("token.lifetime.observed",), 3300, ("first refusal", "3,300 s")),
        ("the scope", ("token.scope",), SCOPE, ("Scope that token answers grant", f"`{SCOPE}`")),
        (
            "the code's exchange",
            ("token.parameters",),
            ["client_id", "code", "code_verifier", "grant_type", "redirect_uri"],
            ("Parameters of successful code exchanges", "`code_verifier`"),
        ),
        (
            "no leave to keep it is denied",
            ("token.answer.cache_control",),
            None,
            ("`Cache-Control` of token answers", "none"),
        ),
    ):
        yield Fact(what, part, path, value, said)
    for kind, title, part in (
        ("token.access", "Shape of access tokens", "Tokens and their lifetime"),
        ("token.refresh", "Shape of refresh tokens", "Tokens and their lifetime"),
        ("code", "Shape of authorization codes", "Registration and PKCE"),
    ):
        stays, changes = (None, None) if kind == "code" else (True, False)
        shape: JsonValue = {
            "kind": "opaque",
            "length": 74,
            "separator": ":",
            "segments": [
                {"length": 24, "alphabet": "hex", "stable": stays},
                {"length": 16, "alphabet": "alnum", "stable": stays},
                {"length": 32, "alphabet": "alnum", "stable": changes},
            ],
        }
        words = "24 hex : 16 alnum : 32 alnum"
        if kind != "code":
            words = "24 hex (stays) : 16 alnum (stays) : 32 alnum (changes)"
        said = (title, f"opaque, 74 characters: {words}")
        yield Fact(title, part, (f"{kind}.shape",), shape, said)


def refusals() -> Iterator[Fact]:
    part = "Refusals without a good token"
    plain = 'Bearer realm="OAuth", error="invalid_token"'
    missing = "Missing or invalid access token"
    invalid = "Invalid access token"
    for of, which, challenge, description in (
        ("sse.GET", "no token", f'{plain}, error_description="{missing}"', missing),
        ("sse.POST", "no token", f'{plain}, error_description="{missing}"', missing),
        ("sse.GET", "bad token", plain, invalid),
        ("sse.POST", "bad token", plain, invalid),
        ("message.POST", "expired token", plain, invalid),
    ):
        params: dict[str, JsonValue] = {"realm": "OAuth", "error": "invalid_token"}
        if challenge != plain:
            params["error_description"] = missing
        value: JsonValue = {
            "status": 401,
            "challenges": [{"scheme": "Bearer", "params": params}],
            "raw": challenge,
            "body_form": "oauth-json",
            "body": {"error": "invalid_token", "error_description": description},
            "media_type": "application/json",
        }
        said = (
            f"`{of}.{which}`",
            "`401`",
            f"`{challenge}`",
            f"`error: invalid_token; error_description: {description}`",
            "`application/json`",
        )
        yield Fact(f"{of}, {which}", part, (f"challenge.{of}.{which}",), value, said)
