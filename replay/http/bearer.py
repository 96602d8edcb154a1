"""The bearer check of MCP routes, and the refusals of a profile (RFC 6750, RFC 9728)."""

import re
from urllib.parse import urlsplit

from wiretape.analysis.profile.model import Profile, Role
from wiretape.analysis.profile.values import Refusal
from wiretape.recorder.log.urls import is_loopback
from wiretape.recorder.wire.challenge import ChallengeError, parse
from wiretape.replay.http.answers import body_of
from wiretape.replay.http.messages import Ask, Reply, json_reply, text
from wiretape.replay.http.origins import Origins
from wiretape.replay.oauth.resources import Resources
from wiretape.replay.oauth.tokens import Grant, Lineages

_TOKEN68 = re.compile(r"[0-9A-Za-z\-._~+/:]+=*")  # RFC 6750, 2.1; some services put colons in
_MCP: tuple[Role, ...] = ("mcp", "sse", "message")
_FOREIGN, _WITHOUT_SCOPE = "foreign origin", "token without permission"
_TOKENS = {"bad token", "expired token", "superseded token", "revoked token"}
_NEAREST = {
    "no token": ("bad token", "malformed token", "expired token"),
    "malformed token": ("bad token", "no token", "expired token"),
    "expired token": ("bad token", "superseded token", "revoked token", "no token"),
    "bad token": ("revoked token", "superseded token", "expired token", "no token"),
    "superseded token": ("bad token", "revoked token", "expired token", "no token"),
    "revoked token": ("bad token", "superseded token", "expired token", "no token"),
    _FOREIGN: (),
    _WITHOUT_SCOPE: (),
}


def guarded(role: Role, method: str, profile: Profile) -> bool:
    """Tell whether a token is wanted.

    Where a role is known to refuse GET or POST, but not the other of them, that one is let through:
    services answer 405 or 400 before they look at tokens.
    """
    refused = {
        name for name, kinds in profile.challenge.get(role, {}).items() if {*kinds} - {_FOREIGN}
    }
    if method in {"GET", "POST"} and refused & {"GET", "POST"}:
        return method in refused
    kinds = (
        kind
        for role in _MCP
        for methods in profile.challenge.get(role, {}).values()
        for kind in methods
    )
    return profile.endpoints.token is not None or any(kind != _FOREIGN for kind in kinds)


def token(ask: Ask) -> str | None:
    """Give the token that a request comes with, if it is well-formed."""
    scheme, _, shown = ask.headers.get("authorization", "").partition(" ")
    return shown if scheme.lower() == "bearer" and _TOKEN68.fullmatch(shown) else None


def admitted(
    ask: Ask, role: Role, profile: Profile, resources: Resources, *, lineages: Lineages, now: float
) -> Grant | str:
    """Give the grant that a request is made on, or what it came with instead of a good token."""
    if "authorization" not in ask.headers:
        return "no token"
    shown = token(ask)
    elsewhere = profile.endpoints.token is None  # tokens are issued by somebody else
    if shown is None and elsewhere:
        refused = profile.challenge.get(role, {}).get(ask.method, {})
        shown = None if "malformed token" in refused else ask.headers["authorization"]
    if shown is None:
        return "malformed token"
    standing, found = lineages.standing(shown, now), lineages.access(shown)
    if found is None and elsewhere:
        return lineages.bring(shown, now)
    if found is None or not resources.meant(found.grant.resource, role):
        return "bad token"
    if standing != "good":
        return f"{standing} token"
    needed = _scope_needed(role, ask.method, profile)
    return found.grant if needed <= {*(found.scope or "").split()} else _WITHOUT_SCOPE


def is_let_in(came_with: str, role: Role, profile: Profile) -> bool:
    """Tell whether a token that is not good gets through, because only tools look at tokens."""
    looked_at = role not in _MCP or profile.tools.unauthorized is None
    return not looked_at and came_with in _TOKENS


def is_foreign(ask: Ask, role: Role, profile: Profile, origins: Origins) -> bool:
    """Tell whether a request is to be refused for the page that it comes from.

    MCP 2025-11-25, transports, wants servers to look at Origin against DNS rebinding. Against that
    the replay looks at Host, which a page cannot choose. So pages of this machine may call, and of
    others those that could when it was recorded: what is replayed to a probe must be what the
    service said to it. Where nothing is known of pages, they are refused.
    """
    page = ask.headers.get("origin")
    if page is None or page in origins.local.values() or _is_near(page):
        return False
    known = profile.cors.get(role)
    challenges = profile.challenge.get(role, {})
    refusing = {method for method, kinds in challenges.items() if _FOREIGN in kinds}
    if not refusing:
        return known is None
    if ask.method in {"GET", "POST"} - refusing:  # such as a POST where only GET is answered
        return False
    allowed = known.actual.allow_origin if known is not None and known.actual else None
    return page != allowed


def forbidden(role: Role, method: str, profile: Profile, origins: Origins) -> Reply:
    """Refuse a page of another origin, as the profile does or with 403."""
    if _known(role, method, _FOREIGN, profile) is None:
        return text(403, "Forbidden: Origin")
    return refusal(role, method, _FOREIGN, profile, origins)


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
    """Find a refusal: what the request came with counts most, then its role, then its method.

    Routes of MCP refuse alike, any other in its own way.
    """
    places = (role, *_MCP) if role in _MCP else (role,)
    for kind in (came_with, *_NEAREST[came_with]):
        for place in places:
            methods = profile.challenge.get(place, {})
            for name in (method, *methods):
                if kind in methods.get(name, {}):
                    return methods[name][kind]
    return None


def _is_near(page: str) -> bool:
    """Tell whether a page is of this machine."""
    try:
        return is_loopback(urlsplit(page).hostname or "")
    except ValueError:
        return False


def _scope_needed(role: Role, method: str, profile: Profile) -> set[str]:
    """Give the scope that the profile's 403 names (RFC 6750, 3: `scope` is what is needed).

    What the usual token lacks was asked for by some requests only, and nobody knows by which.
    """
    known = profile.challenge.get(role, {}).get(method, {}).get(_WITHOUT_SCOPE)
    if known is None:
        return set()
    try:
        told = [challenge.get("scope") or "" for challenge in parse([known.raw or ""])]
    except ChallengeError:
        return set()
    needed = {scope for each in told for scope in each.split()}
    return needed if needed <= {*(profile.token.scope or "").split()} else set()
