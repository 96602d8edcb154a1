"""What VS Code decides, and from what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from urllib.parse import urljoin, urlsplit

from wiretape.recorder.log.urls import origin
from wiretape.recorder.wire.challenge import ChallengeError, parse

MOST_FETCHES = 5
"""Of one request, with its redirects."""

_AHEAD = 300
_REDIRECTS = {301, 302, 303, 307, 308}
_RESOURCE = "/.well-known/oauth-protected-resource"
_SERVER = "/.well-known/oauth-authorization-server"
_OPENID = "/.well-known/openid-configuration"
_URLS = (
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "registration_endpoint",
    "jwks_uri",
)
_WEB = ("https://", "http://")
_SECRET = {"authorization", "cookie", "proxy-authorization", "mcp-session-id"}


@dataclass(frozen=True)
class Unknown:
    """It is not known yet by what transport a server is spoken to."""


@dataclass(frozen=True)
class Streamable:
    """By streamable HTTP, in this session if there is one."""

    session: str | None = None


@dataclass(frozen=True)
class Legacy:
    """By HTTP+SSE: messages are posted to this URL."""

    endpoint: str


type Mode = Unknown | Streamable | Legacy


class Next(Enum):
    """What follows the answer to a message that was posted."""

    READ = auto()
    FALL_BACK = auto()
    NEW_SESSION = auto()
    FAIL = auto()


def locked(mode: Mode, session: str | None) -> Mode:
    """Give the mode after an answer: a session's id is the strongest sign of streamable HTTP."""
    return Streamable(session) if session else mode


def after_post(mode: Mode, status: int) -> Next:
    """Decide by an answer's status; `mode` is that after the answer's headers."""
    if isinstance(mode, Unknown) and 400 <= status < 500 and not is_refusal(status):
        return Next.FALL_BACK
    if status < 300:
        return Next.READ
    if isinstance(mode, Streamable) and mode.session and status in {400, 404}:
        return Next.NEW_SESSION
    return Next.FAIL


def is_refusal(status: int) -> bool:
    """Tell whether a status means that a token is wanted, or another."""
    return status in {401, 403}


def redirected(method: str, status: int, location: str | None) -> str | None:
    """Give the method with which a redirect is followed; None if it is none."""
    if status not in _REDIRECTS or not location:
        return None
    return "GET" if status == 303 or (status in {301, 302} and method == "POST") else method


def carried(headers: Mapping[str, str], at: str, to: str) -> dict[str, str]:
    """Give the headers that go along with a redirect: what is secret stays in its origin."""
    secret = _SECRET if origin(at) != origin(to) else set()
    return {name: value for name, value in headers.items() if name.lower() not in secret}


@dataclass(frozen=True)
class Challenged:
    """What the challenges of a refusal say."""

    resource_metadata: str | None = None
    scopes: tuple[str, ...] | None = None


def challenged(values: Sequence[str]) -> Challenged:
    """Read `WWW-Authenticate`; of each thing the first counts, and only of Bearer."""
    try:
        bearers = [each for each in parse(values) if each.scheme == "Bearer"]
    except ChallengeError:
        return Challenged()
    documents = (each.get("resource_metadata") for each in bearers)
    scopes = (tuple((each.get("scope") or "").split()) for each in bearers)
    return Challenged(next(filter(None, documents), None), next(filter(None, scopes), None))


def resource_documents(url: str, said: str | None) -> tuple[tuple[str, str], ...]:
    """Give where to look for the metadata of the protected resource, and which it has to name.

    That is where a challenge said, then the well-known places (RFC 9728, 3.1).
    """
    site, path = origin(url), urlsplit(url).path
    places = [(site + _RESOURCE, site)]
    if path not in {"", "/"}:
        places.insert(0, (site + _RESOURCE + path, url))
    if said:
        places.insert(0, (said, url))
    return tuple(places)


def is_of(document: Any, url: str) -> bool:
    """Tell whether a document is metadata of this resource: it has to name its very URL."""
    if not isinstance(document, dict) or not isinstance(document.get("resource"), str):
        return False
    scopes = document.get("scopes_supported")
    if scopes is not None and not isinstance(scopes, list):
        return False
    return _normal(document["resource"]) == _normal(url)


def server_documents(server: str) -> tuple[str, ...]:
    """Give where to look for the metadata of an authorization server (RFC 8414, OpenID)."""
    path = urlsplit(server).path
    inserted = "" if path == "/" else path
    root = origin(server)
    return (root + _SERVER + inserted, root + _OPENID + inserted, server.rstrip("/") + _OPENID)


def is_server(document: Any) -> bool:
    """Tell whether a document is metadata of an authorization server; it may have any issuer."""
    if not isinstance(document, dict) or not document.get("issuer"):
        return False
    named = (document[name] for name in _URLS if document.get(name))
    return all(isinstance(url, str) and url.startswith(_WEB) for url in named)


def usual_server(site: str) -> dict[str, Any]:
    """Give what is assumed of a site that has no metadata (MCP 2025-03-26)."""
    return {
        "issuer": urljoin(site, "/"),
        "authorization_endpoint": f"{site}/authorize",
        "token_endpoint": f"{site}/token",
        "registration_endpoint": f"{site}/register",
    }


def scopes(
    said: Sequence[str] | None, resource: Mapping[str, Any] | None, server: Mapping[str, Any]
) -> str:
    """Give the scope to ask for: what was challenged, or all that is supported."""
    if said is None:
        said = (resource or {}).get("scopes_supported") or server.get("scopes_supported") or ()
    return " ".join(said)


def is_due(issued: float, lifetime: float | None, now: float) -> bool:
    """Tell whether a token is to be refreshed: from five minutes before its end."""
    return bool(lifetime) and now > issued + (lifetime or 0) - _AHEAD


def _normal(url: str) -> str:
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{origin(url).lower()}{parts.path or '/'}{query}"
