"""What a browser makes of a target's answers to a page of another origin (WHATWG Fetch, 3.3, 4.8).

The page authorizes by a header and not by a cookie, so that its requests have no credentials in the
sense of Fetch: `*` then stands for all methods and headers, but never for `Authorization`.
"""

from wiretape.replay.conformance import cors
from wiretape.replay.conformance.evidence import Turn


def preflight(page: str, method: str, *headers: str) -> dict[str, str]:
    """Give the headers of the OPTIONS request with which a browser asks for a page (Fetch, 4.8).

    The page is named by its origin.
    """
    asked = {"origin": page, "access-control-request-method": method}
    names = ",".join(sorted(name.lower() for name in headers))
    return asked | ({"access-control-request-headers": names} if names else {})


def is_preflight(turn: Turn) -> bool:
    """Tell whether a browser asks."""
    return turn.method == "OPTIONS" and "access-control-request-method" in turn.sent


def hidden(turn: Turn) -> str | None:
    """Say why a page may not see an answer; None if it may (Fetch, 4.9)."""
    given = _given(turn)
    if cors.shared(given, turn.sent.get("origin") or ""):
        return None
    allowed = given.get("access-control-allow-origin")
    named = "access-control-allow-origin"
    return f"no {named}" if allowed is None else f"{named}: {allowed}"


def forbidden(turn: Turn) -> str | None:
    """Say why what a preflight asks for may not follow; None if it may (Fetch, 4.8)."""
    if (why := hidden(turn)) is not None:
        return why
    method = turn.sent.get("access-control-request-method") or ""
    asked = (turn.sent.get("access-control-request-headers") or "").lower().split(",")
    names = filter(None, map(str.strip, asked))
    origin = turn.sent.get("origin") or ""
    return cors.refused(turn.status or 0, _given(turn), origin, method, names) or None


def unreadable(turn: Turn, name: str) -> str | None:
    """Say why a page may not read a header of an answer; None if it may (Fetch, 2.2.6)."""
    if (why := hidden(turn)) is not None:
        return why
    if cors.exposed(_given(turn), name):
        return None
    return f"access-control-expose-headers lacks {name}"


def _given(turn: Turn) -> dict[str, str]:
    """Give the headers of an answer, several of a name joined by commas."""
    return {name: ", ".join(turn.given.all(name)) for name in turn.given.positions}
