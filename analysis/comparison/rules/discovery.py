"""Discovery: whether a client finds where to authorize, and may believe what it finds."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from wiretape.analysis.comparison.rule import (
    EVERY_CLIENT,
    Client,
    Judgement,
    Pair,
    Rule,
    Severity,
)
from wiretape.analysis.comparison.values import listed, member, members, missing, texts
from wiretape.analysis.finding import Finding

_SDKS: tuple[Client, ...] = ("Python SDK", "mcp-remote")
_METADATA = "RFC 8414, section 2"
_JSON = "application/json"


def _judge(reference: Finding, subject: Finding, pair: Pair) -> Iterator[Judgement]:
    before, after = reference.value, subject.value
    match pair.id.removeprefix("discovery."):
        case "resource-metadata" | "server-metadata" as kind:
            yield from _found(kind, before, after)
        case "server-metadata.answers" | "resource-metadata.answers":
            yield from _served(members(before), members(after))
        case "server-metadata.document":
            yield from _server(members(before), members(after))
        case "resource-metadata.document":
            yield from _resource(before, after)
        case "issuer_matches" if before is True and after is False:
            yield _mismatch("issuer", "RFC 8414, section 3.3", _SDKS)
        case "resource_matches" if before is True and after is False:
            yield _mismatch("resource", "RFC 9728, section 3.3", ("Python SDK", "TypeScript SDK"))


def _found(kind: str, before: JsonValue, after: JsonValue) -> Iterator[Judgement]:
    if 200 not in members(before).values() or 200 in members(after).values():
        return
    server = kind == "server-metadata"
    place = "oauth-authorization-server" if server else "oauth-protected-resource"
    severity: Severity = "breaking" if server else "risky"
    yield Judgement(
        id=f"discovery.{kind}",
        severity=severity,
        title=f"No {kind.replace('-', ' ')} is found",
        why="Clients do not learn where to register, to authorize and to get tokens."
        if server
        else "Clients of MCP 2025-06-18 and later begin with this document; they may go on with "
        "the authorization server's at the endpoint's origin.",
        remedy=f"Serve `/.well-known/{place}` as `application/json`, with status 200.",
        requirement="RFC 8414, section 3" if server else "RFC 9728, section 3; MCP 2025-06-18",
        clients=EVERY_CLIENT if server else ("VS Code", "TypeScript SDK", "Python SDK"),
    )


def _mismatch(name: str, requirement: str, clients: tuple[Client, ...]) -> Judgement:
    return Judgement(
        id=f"discovery.{name}-mismatch",
        severity="breaking",
        title=f"The metadata's {name} is not what its URL says",
        why="Strict clients refuse the document, as they must.",
        remedy=f'`"{name}"`: what the document\'s URL is made from',
        requirement=requirement,
        clients=clients,
    )


def _served(before: dict[str, JsonValue], after: dict[str, JsonValue]) -> Iterator[Judgement]:
    """Judge the media type where both tell of a place; its parameters and caching may differ."""
    types = [
        (_media_type(before[where]), _media_type(after[where]))
        for where in before.keys() & after.keys()
        if member(before[where], "body") is None and member(after[where], "body") is None
    ]
    others = sorted({has for had, has in types if had == _JSON and has not in {None, _JSON}})
    if others:
        yield Judgement(
            id="discovery.media-type",
            severity="risky",
            title=f"Metadata is served as {listed(map(str, others))}",
            why="Clients that look at the media type do not read it.",
            remedy=f"`content-type: {_JSON}`",
            requirement="RFC 8414, section 3.2; RFC 9728, section 3.2",
        )


def _media_type(answer: JsonValue) -> str | None:
    told = member(answer, "media_type")
    return told.partition(";")[0].strip().lower() if isinstance(told, str) else None


_ENDPOINTS: Mapping[str, Severity] = {
    "authorization_endpoint": "breaking",
    "token_endpoint": "breaking",
    "registration_endpoint": "breaking",
    "revocation_endpoint": "cosmetic",
}


def _server(before: dict[str, JsonValue], after: dict[str, JsonValue]) -> Iterator[Judgement]:
    for name, severity in _ENDPOINTS.items():
        if name in before and name not in after:
            yield _no_endpoint(name, severity, after)
    if "S256" in _lost("code_challenge_methods_supported", before, after):
        yield Judgement(
            id="discovery.pkce",
            about=("code_challenge_methods_supported",),
            severity="breaking",
            title="The metadata does not offer PKCE with S256",
            why="Clients refuse an authorization server that does not say so.",
            remedy='`"code_challenge_methods_supported": ["S256"]`',
            requirement="MCP 2025-11-25, Authorization; RFC 8414, section 2",
            clients=("TypeScript SDK", "mcp-remote", "Python SDK"),
        )
    if "none" in _lost("token_endpoint_auth_methods_supported", before, after):
        yield Judgement(
            id="discovery.public-clients",
            about=("token_endpoint_auth_methods_supported",),
            severity="risky",
            title="The metadata does not offer token requests without client authentication",
            why="Clients on the user's machine cannot keep a secret; some register only as such.",
            remedy='`"token_endpoint_auth_methods_supported": ["none", …]`',
            requirement=_METADATA,
            clients=("VS Code", "mcp-remote"),
        )
    if "refresh_token" in _lost("grant_types_supported", before, after):
        yield Judgement(
            id="discovery.refresh",
            about=("grant_types_supported",),
            severity="risky",
            title="The metadata does not offer refreshing",
            why="Clients that look there first do not ask for a refresh token.",
            remedy='`"grant_types_supported": ["authorization_code", "refresh_token"]`',
            requirement=_METADATA,
            clients=("VS Code", "TypeScript SDK"),
        )
    scopes = _lost("scopes_supported", before, after)
    if scopes:
        yield _scopes(scopes)


def _no_endpoint(name: str, severity: Severity, after: dict[str, JsonValue]) -> Judgement:
    by_document = after.get("client_id_metadata_document_supported") is True
    registers = name == "registration_endpoint"
    return Judgement(
        id=f"discovery.{name}",
        about=(name,),
        severity="risky" if registers and by_document else severity,
        title=f"The metadata has no {name}",
        why="Clients cannot register themselves; whoever uses them needs a client id."
        if registers
        else "Clients do not find it.",
        remedy=f'`"{name}": "https://…"`',
        requirement="RFC 8414, section 2; RFC 7591" if registers else _METADATA,
        clients=EVERY_CLIENT if severity == "breaking" else (),
    )


def _resource(before: JsonValue, after: JsonValue) -> Iterator[Judgement]:
    if texts(member(before, "authorization_servers")) and not texts(
        member(after, "authorization_servers")
    ):
        yield Judgement(
            id="discovery.authorization-servers",
            about=("authorization_servers",),
            severity="breaking",
            title="The resource metadata names no authorization server",
            why="Clients do not learn where to authorize.",
            remedy='`"authorization_servers": ["https://…"]`',
            requirement="RFC 9728, section 2; MCP 2025-06-18, Authorization",
            clients=EVERY_CLIENT,
        )
    scopes = _lost("scopes_supported", members(before), members(after))
    if scopes:
        yield _scopes(scopes)


def _scopes(lost: list[str]) -> Judgement:
    offline = lost == ["offline_access"]
    return Judgement(
        id="scope.offline-access-missing" if offline else "discovery.scopes",
        about=("scopes_supported",),
        severity="risky",
        title=f"The metadata does not offer the scope {listed(lost)}",
        why="Clients ask for the scopes that they find there: without offline_access they get no "
        "refresh token."
        if offline
        else "Clients ask for the scopes that they find there, and get no others.",
        remedy=f'`"scopes_supported": […, "{lost[0]}"]`',
        requirement="RFC 8414, section 2; RFC 9728, section 2",
        clients=("VS Code", "Python SDK", "TypeScript SDK"),
    )


def _lost(name: str, before: dict[str, JsonValue], after: dict[str, JsonValue]) -> list[str]:
    """Give what a list has lost; nothing if there is no such list, as then anything may go."""
    return missing(texts(before.get(name)), texts(after[name])) if name in after else []


RULE = Rule(
    title="Discovery",
    gives=(
        "discovery.authorization-servers",
        "discovery.authorization_endpoint",
        "discovery.issuer-mismatch",
        "discovery.media-type",
        "discovery.pkce",
        "discovery.public-clients",
        "discovery.refresh",
        "discovery.registration_endpoint",
        "discovery.resource-metadata",
        "discovery.resource-mismatch",
        "discovery.revocation_endpoint",
        "discovery.scopes",
        "discovery.server-metadata",
        "discovery.token_endpoint",
        "scope.offline-access-missing",
    ),
    judges=("discovery.*",),
    judge=_judge,
    tolerates=("discovery.cross_origin",),
)
