"""CORS as the profile has it for each role (WHATWG Fetch, 3.3)."""

from wiretape.analysis.profile.model import Cors, Profile, Role
from wiretape.analysis.profile.values import Permission
from wiretape.replay.http.messages import Ask, Headers, Reply

_ORIGIN = "(the request's origin)"
_ASKED = "(the headers asked for)"


def is_preflight(ask: Ask) -> bool:
    """Tell whether a browser asks what it may send (Fetch, 3.3.2)."""
    named = {"origin", "access-control-request-method"}
    return ask.method == "OPTIONS" and named <= ask.headers.keys()


def answers(ask: Ask, role: Role, profile: Profile) -> bool:
    """Tell whether a request is answered here: an OPTIONS that is not refused for its token."""
    if ask.method != "OPTIONS" or "OPTIONS" in profile.challenge.get(role, {}):
        return False
    return role != "other" or is_preflight(ask)


def preflight(ask: Ask, role: Role, profile: Profile) -> Reply:
    """Answer a preflight, or any OPTIONS; where none is known of, the method is not allowed."""
    known = profile.cors.get(role, Cors())
    permission = known.preflight or known.actual
    if permission is None:
        return Reply(405)
    return Reply(permission.status or 204, _headers(permission, ask))


def permitted(reply: Reply, ask: Ask, role: Role, profile: Profile) -> Reply:
    """Add to a reply what lets a page read it.

    What is wide open says so to everybody; what repeats an origin says it only to a page.
    """
    known = profile.cors.get(role, Cors())
    permission = known.refused if reply.status == 401 and known.refused else known.actual
    if permission is None:
        return reply
    if permission.allow_origin == _ORIGIN and "origin" not in ask.headers:
        return reply
    return reply.having(*_headers(permission, ask))


def _headers(permission: Permission, ask: Ask) -> Headers:
    lists = {
        "access-control-allow-methods": permission.allow_methods,
        "access-control-allow-headers": permission.allow_headers,
        "access-control-expose-headers": permission.expose_headers,
    }
    origin, asked = permission.allow_origin, ask.headers.get("access-control-request-headers", "")
    given = {
        "access-control-allow-origin": ask.headers.get("origin") if origin == _ORIGIN else origin,
        **{name: ", ".join(names) for name, names in lists.items() if names is not None},
        "access-control-max-age": None if permission.max_age is None else str(permission.max_age),
        "access-control-allow-credentials": "true" if permission.allow_credentials else None,
    }
    return tuple(
        (name, value.replace(_ASKED, asked)) for name, value in given.items() if value is not None
    )
