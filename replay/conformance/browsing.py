"""What a browser makes of a target's answers to a page of another origin (WHATWG Fetch, 3.3, 4.8).

The page authorizes by a header and not by a cookie, so that its requests have no credentials in the
sense of Fetch: `*` then stands for all methods and headers, but never for `Authorization`.
"""

from wiretape.replay.conformance.evidence import Turn

ORIGIN = "https://page.example"
"""Where the page is from that plays ask for."""

_SIMPLE_METHODS = {"GET", "HEAD", "POST"}
_SIMPLE_HEADERS = {"accept", "accept-language", "content-language"}
_ALWAYS_READABLE = {
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "expires",
    "last-modified",
    "pragma",
}


def preflight(method: str, *headers: str) -> dict[str, str]:
    """Give the headers of the OPTIONS request with which a browser asks (Fetch, 4.8)."""
    asked = {"origin": ORIGIN, "access-control-request-method": method}
    names = ",".join(sorted(name.lower() for name in headers))
    return asked | ({"access-control-request-headers": names} if names else {})


def is_preflight(turn: Turn) -> bool:
    """Tell whether a browser asks."""
    return turn.method == "OPTIONS" and "access-control-request-method" in turn.sent


def hidden(turn: Turn) -> str | None:
    """Say why a page may not see an answer; None if it may (Fetch, 4.9)."""
    origin, allowed = turn.sent.get("origin"), turn.given.all("access-control-allow-origin")
    if not allowed:
        return "no access-control-allow-origin"
    if ", ".join(allowed) not in {"*", origin}:
        return f"access-control-allow-origin: {', '.join(allowed)}"
    return None


def forbidden(turn: Turn) -> str | None:
    """Say why what a preflight asks for may not follow; None if it may (Fetch, 4.8, steps 7)."""
    if (why := hidden(turn)) is not None:
        return why
    if turn.status is None or not 200 <= turn.status < 300:
        return f"the status {turn.status}"
    method = turn.sent.get("access-control-request-method") or ""
    methods = _members(turn, "access-control-allow-methods", lower=False)
    if method not in _SIMPLE_METHODS | methods and "*" not in methods:
        return f"{method} is not allowed"
    headers = _members(turn, "access-control-allow-headers")
    asked = (turn.sent.get("access-control-request-headers") or "").lower().split(",")
    for name in filter(None, map(str.strip, asked)):
        covered = "*" in headers and name != "authorization"
        if name not in headers | _SIMPLE_HEADERS and not covered:
            return f"the header {name} is not allowed"
    return None


def unreadable(turn: Turn, name: str) -> str | None:
    """Say why a page may not read a header of an answer; None if it may (Fetch, 2.2.6)."""
    if (why := hidden(turn)) is not None:
        return why
    exposed = _members(turn, "access-control-expose-headers")
    if exposed & {"*", name} or name in _ALWAYS_READABLE:
        return None
    return f"access-control-expose-headers lacks {name}"


def _members(turn: Turn, header: str, *, lower: bool = True) -> set[str]:
    listed = ",".join(turn.given.all(header))
    found = {member for part in listed.split(",") if (member := part.strip())}
    return {member.lower() for member in found} if lower else found
