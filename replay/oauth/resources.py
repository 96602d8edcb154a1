"""What tokens are for (RFC 8707): checked where resource metadata names it (RFC 9728)."""

from typing import Any

from wiretape.analysis.profile.model import Profile, Role
from wiretape.replay.oauth.errors import OAuthError
from wiretape.replay.origins import Origins


def named(profile: Profile, origins: Origins) -> str | None:
    """Give the resource that the metadata names, as it is called here."""
    document = profile.discovery.resource_metadata_document
    told: Any = document.value if document is not None else {}
    found = told.get("resource") if isinstance(told, dict) else None
    return origins.rewritten(found) if isinstance(found, str) else None


def wanted(asked: str | None, profile: Profile, origins: Origins) -> str | None:
    """Give the resource that tokens are asked for; None stands for all of the service.

    Raises OAuthError for a foreign one. A service that names none does not look.
    """
    here = named(profile, origins)
    if asked is None or here is None:
        return None
    for known in (here, *_endpoints(profile, origins)):
        if _plain(asked) == _plain(known):
            return known
    raise OAuthError("invalid_target", "The resource is not one of this service")


def same(asked: str | None, granted: str | None) -> None:
    """Raise OAuthError if tokens are asked for another resource than was granted."""
    if asked is not None and granted is not None and _plain(asked) != _plain(granted):
        raise OAuthError("invalid_target", "The resource is not the one that was granted")


def meant(resource: str | None, role: Role, profile: Profile, origins: Origins) -> bool:
    """Tell whether tokens for a resource are good at a route."""
    if resource is None or resource == named(profile, origins):
        return True
    known = profile.endpoints.mcp if role == "mcp" else profile.endpoints.sse
    return known is not None and _plain(resource) == _plain(origins.rewritten(known))


def audience(resource: str | None, profile: Profile, origins: Origins) -> str:
    """Give what a token for a resource says that it is for."""
    found = resource or named(profile, origins) or next(iter(_endpoints(profile, origins)), None)
    return found or profile.name


def _endpoints(profile: Profile, origins: Origins) -> list[str]:
    known = (profile.endpoints.mcp, profile.endpoints.sse)
    return [origins.rewritten(url) for url in known if url is not None]


def _plain(url: str) -> str:
    """Leave out what clients spell in two ways (MCP 2025-11-25, canonical server URI)."""
    return url.rstrip("/")
