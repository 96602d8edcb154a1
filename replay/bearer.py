"""The bearer check of MCP routes, and the refusals of a profile (RFC 6750, RFC 9728)."""

import re

from wiretape.analysis.profile.model import Profile, Role
from wiretape.analysis.profile.values import Refusal
from wiretape.replay.answers import body_of
from wiretape.replay.messages import Ask, Reply, json_reply
from wiretape.replay.origins import Origins
from wiretape.replay.tokens import Grant, Lineages

_TOKEN68 = re.compile(r"[0-9A-Za-z\-._~+/:]+=*")  # RFC 6750, 2.1; some services put colons in
_MCP: tuple[Role, ...] = ("mcp", "sse", "message")
_NEAREST = {
    "no token": ("bad token", "malformed token", "expired token"),
    "malformed token": ("bad token", "no token", "expired token"),
    "expired token": ("bad token", "malformed token", "no token"),
    "bad token": ("expired token", "malformed token", "no token"),
}


def guarded(profile: Profile) -> bool:
    """Tell whether the service wants tokens at all."""
    return profile.endpoints.token is not None or any(role in profile.challenge for role in _MCP)


def token(ask: Ask) -> str | None:
    """Give the token that a request comes with, if it is well-formed."""
    scheme, _, shown = ask.headers.get("authorization", "").partition(" ")
    return shown if scheme.lower() == "bearer" and _TOKEN68.fullmatch(shown) else None


def admitted(ask: Ask, lineages: Lineages, now: float) -> Grant | str:
    """Give the grant that a request is made on, or what it came with instead of a good token."""
    if "authorization" not in ask.headers:
        return "no token"
    shown = token(ask)
    if shown is None:
        return "malformed token"
    standing = lineages.standing(shown, now)
    grant = lineages.grant(shown)
    if standing == "good" and grant is not None:
        return grant
    return "expired token" if standing == "expired" else "bad token"


def refusal(role: Role, method: str, came_with: str, profile: Profile, origins: Origins) -> Reply:
    """Refuse a request as the profile does: such a one, else the most similar that is known."""
    known = _known(role, method, came_with, profile)
    if known is None:
        challenge = "Bearer" if came_with == "no token" else 'Bearer error="invalid_token"'
        return json_reply(401, {"error": "invalid_token"}, ("www-authenticate", challenge))
    headers = []
    if known.raw is not None:
        headers.append(("www-authenticate", origins.rewritten(known.raw)))
    if known.media_type is not None:
        headers.append(("content-type", known.media_type))
    body = origins.rewritten(body_of(known.body).decode()).encode()
    return Reply(known.status, tuple(headers), body)


def _known(role: Role, method: str, came_with: str, profile: Profile) -> Refusal | None:
    """Find a refusal: what the request came with counts most, then its role, then its method."""
    for kind in (came_with, *_NEAREST[came_with]):
        for place in (role, *_MCP):
            methods = profile.challenge.get(place, {})
            for name in (method, *methods):
                if kind in methods.get(name, {}):
                    return methods[name][kind]
    return None
