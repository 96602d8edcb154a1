"""Discovery documents: where they may be (RFC 9728, RFC 8414, OpenID Connect), what they say."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from msgspec import Raw

from wiretape.recorder.log.raw import fields, text, texts
from wiretape.recorder.log.urls import origin, path

_RESOURCE = "/.well-known/oauth-protected-resource"
_OAUTH = "/.well-known/oauth-authorization-server"
_OPENID = "/.well-known/openid-configuration"

type Place = tuple[str, str]
"""A label and a URL."""


@dataclass(frozen=True, kw_only=True)
class ServerMetadata:
    """What the probe uses of RFC 8414, 2; only http and https URLs are taken."""

    authorization_endpoint: str
    token_endpoint: str
    registration_endpoint: str | None
    revocation_endpoint: str | None
    auth_methods: tuple[str, ...]
    scopes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ResourceMetadata:
    """What the probe uses of RFC 9728, 2."""

    resource: str
    servers: tuple[str, ...]
    scopes: tuple[str, ...]


def server_metadata(body: bytes) -> ServerMetadata | None:
    """Read an authorization server's document, if it is one."""
    found = fields(Raw(body))
    authorize, token = _url(found, "authorization_endpoint"), _url(found, "token_endpoint")
    if authorize is None or token is None:
        return None
    return ServerMetadata(
        authorization_endpoint=authorize,
        token_endpoint=token,
        registration_endpoint=_url(found, "registration_endpoint"),
        revocation_endpoint=_url(found, "revocation_endpoint"),
        auth_methods=texts(found.get("token_endpoint_auth_methods_supported")),
        scopes=texts(found.get("scopes_supported")),
    )


def resource_metadata(body: bytes) -> ResourceMetadata | None:
    """Read a protected resource's document, if it is one."""
    found = fields(Raw(body))
    resource = text(found.get("resource"))
    if resource is None:
        return None
    servers = texts(found.get("authorization_servers"))
    return ResourceMetadata(
        resource=resource,
        servers=tuple(url for url in servers if is_web(url)),
        scopes=texts(found.get("scopes_supported")),
    )


def resource_places(url: str, challenge: str | None) -> tuple[Place, ...]:
    """Say where a resource's document may be: where its 401 says, by its path, at the root."""
    named = challenge_parameter(challenge, "resource_metadata")
    places = [("as the challenge says", named)] if named and is_web(named) else []
    if (own := path(url)) != "/":
        places.append(("by the endpoint's path", f"{origin(url)}{_RESOURCE}{own}"))
    places.append(("at the endpoint's root", f"{origin(url)}{_RESOURCE}"))
    return _distinct("resource metadata, ", places)


def server_places(url: str, issuers: tuple[str, ...]) -> tuple[Place, ...]:
    """Say where the document of each issuer may be, and of the endpoint's own origin."""
    places = []
    for issuer in issuers:
        base, own = origin(issuer), path(issuer).rstrip("/")
        if own:
            places += [
                ("OAuth, by the issuer's path", f"{base}{_OAUTH}{own}"),
                ("OpenID, by the issuer's path", f"{base}{_OPENID}{own}"),
                ("OpenID, below the issuer", f"{base}{own}{_OPENID}"),
            ]
        places += [
            ("OAuth, at the issuer's root", f"{base}{_OAUTH}"),
            ("OpenID, at the issuer's root", f"{base}{_OPENID}"),
        ]
    places += [
        ("OAuth, at the endpoint's root", f"{origin(url)}{_OAUTH}"),
        ("OAuth, by the endpoint's path", f"{origin(url)}{_OAUTH}{path(url).rstrip('/')}"),
        ("OpenID, at the endpoint's root", f"{origin(url)}{_OPENID}"),
    ]
    return _distinct("server metadata, ", places)


def challenge_parameter(challenge: str | None, name: str) -> str | None:
    """Find a quoted parameter of a WWW-Authenticate value (RFC 9110, 11.6.1)."""
    found = re.search(rf'(?i)(?:^|[\s,]){name}\s*=\s*"((?:[^"\\]|\\.)*)"', challenge or "")
    return re.sub(r"\\(.)", r"\1", found[1]) if found else None


def is_web(url: str) -> bool:
    """Tell whether this is an http or https URL with a host and without credentials."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and parts.username is None
            and parts.port != 0
            and url.isprintable()
            and " " not in url
        )
    except ValueError:
        return False


def _url(found: dict[str, Raw], name: str) -> str | None:
    url = text(found.get(name))
    return url if url is not None and is_web(url) else None


def _distinct(prefix: str, places: list[Place]) -> tuple[Place, ...]:
    labels = {url: label for label, url in reversed(places)}
    return tuple((f"{prefix}{labels[url]}", url) for url in dict.fromkeys(url for _, url in places))
