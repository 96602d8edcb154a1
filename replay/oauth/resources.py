"""What tokens are for (RFC 8707): checked where resource metadata names it (RFC 9728)."""

from dataclasses import dataclass
from functools import cached_property

from wiretape.analysis.profile.model import Profile, Role
from wiretape.analysis.profile.texts import members
from wiretape.replay.http.origins import Origins
from wiretape.replay.oauth.errors import OAuthError


@dataclass(frozen=True)
class Resources:
    """The resources of one service, as they are called here."""

    profile: Profile
    origins: Origins

    @cached_property
    def named(self) -> str | None:
        """The resource that the metadata names."""
        found = members(self.profile.discovery.resource_metadata_document).get("resource")
        return self.origins.rewritten(found) if isinstance(found, str) else None

    def wanted(self, asked: str | None) -> str | None:
        """Give the resource that tokens are asked for; None stands for all of the service.

        Raises OAuthError for a foreign one. A service that names none does not look.
        """
        if asked is None or self.named is None:
            return None
        for known in (self.named, *self._endpoints.values()):
            if _plain(asked) == _plain(known):
                return known
        raise OAuthError("invalid_target", "The resource is not one of this service")

    def meant(self, resource: str | None, role: Role) -> bool:
        """Tell whether tokens for a resource are good at a route."""
        if resource is None or resource == self.named:
            return True
        return resource == self._endpoints.get("mcp" if role == "mcp" else "sse")

    def audience(self, resource: str | None) -> str:
        """Give what a token for a resource says that it is for."""
        known = (resource, self.named, *self._endpoints.values())
        return next((each for each in known if each is not None), self.profile.name)

    @cached_property
    def _endpoints(self) -> dict[str, str]:
        known = {"mcp": self.profile.endpoints.mcp, "sse": self.profile.endpoints.sse}
        return {role: self.origins.rewritten(url) for role, url in known.items() if url}


def same(asked: str | None, granted: str | None) -> None:
    """Raise OAuthError if tokens are asked for another resource than was granted."""
    if asked is not None and granted is not None and asked != granted:
        raise OAuthError("invalid_target", "The resource is not the one that was granted")


def _plain(url: str) -> str:
    """Leave out what clients spell in two ways (MCP 2025-11-25, canonical server URI)."""
    return url.rstrip("/")
