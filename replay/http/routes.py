"""Which path at which origin plays which role."""

from collections.abc import Iterator
from dataclasses import dataclass

from wiretape.analysis.profile.model import Profile, Role
from wiretape.recorder.log.urls import origin, path
from wiretape.replay.http.origins import home
from wiretape.replay.http.redirects import onward
from wiretape.replay.mcp.message_url import MessageUrl
from wiretape.replay.oauth.documents import Document, Place, metadata, places

_METADATA: dict[str, Role] = {
    "/.well-known/oauth-protected-resource": "resource-metadata",
    "/.well-known/oauth-authorization-server": "server-metadata",
    "/.well-known/openid-configuration": "server-metadata",
}
"""Where clients look for metadata, in front of an issuer's path or behind it."""


@dataclass(frozen=True)
class Routes:
    """The places of one service. `message` is where clients of HTTP+SSE post, if there is such."""

    roles: dict[Place, Role]
    documents: dict[Place, Document]
    jwks: Place | None
    message: tuple[str, MessageUrl] | None

    def role(self, place: Place) -> Role:
        """Tell what a place is for."""
        if place in self.roles:
            return self.roles[place]
        if place in self.documents:
            return self.documents[place].role
        site, where = place
        if self.message is not None and site == self.message[0] and self.message[1].matches(where):
            return "message"
        return next((role for name, role in _METADATA.items() if name in where), "other")


def routes_of(profile: Profile) -> Routes:
    """Give the routes of a profile; of two roles at one place the first counts.

    Where an endpoint's path is redirected to another spelling, that is the endpoint too.
    """
    roles: dict[Place, Role] = {}
    for role, url in _urls(profile):
        roles.setdefault((origin(url), path(url)), role)
    for (site, where), role in tuple(roles.items()):
        if (to := onward(where, profile)) is not None:
            roles.setdefault((site, to), role)
    sse = profile.endpoints.sse is not None
    return Routes(
        roles,
        places(profile),
        _jwks(profile),
        (home(profile), MessageUrl(profile)) if sse else None,
    )


def _urls(profile: Profile) -> Iterator[tuple[Role, str]]:
    """Give the endpoints that the profile knows, then those that its documents name."""
    known = profile.endpoints
    mine: tuple[tuple[Role, str | None], ...] = (
        ("mcp", known.mcp),
        ("sse", known.sse),
        ("registration", known.registration),
        ("authorization", known.authorization),
        ("token", known.token),
        ("revocation", known.revocation),
        ("introspection", known.introspection),
        ("resources", known.resources),
    )
    told = metadata(profile)
    named: tuple[tuple[Role, str | None], ...] = (
        ("registration", told.get("registration_endpoint")),
        ("authorization", told.get("authorization_endpoint")),
        ("token", told.get("token_endpoint")),
        ("revocation", told.get("revocation_endpoint")),
        ("introspection", told.get("introspection_endpoint")),
    )
    for role, url in mine + named:
        if isinstance(url, str):
            yield role, url


def _jwks(profile: Profile) -> Place | None:
    url = metadata(profile).get("jwks_uri")
    return (origin(url), path(url)) if isinstance(url, str) else None
