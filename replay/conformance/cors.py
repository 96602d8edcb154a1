"""What a browser lets a page of another origin do, and read (WHATWG Fetch, 3.2 and 4.8)."""

from collections.abc import Iterable, Mapping

_SAFE_METHODS = {"GET", "HEAD", "POST"}
_SAFE_REQUEST = {"accept", "accept-language", "content-language"}
_SAFE_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}
_SAFE_RESPONSE = {
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "expires",
    "last-modified",
    "pragma",
}

type Headers = Mapping[str, str]
"""By names in any case, as httpx has them; several of a name are joined by commas."""


def asked_first(method: str, headers: Iterable[tuple[str, str]]) -> tuple[str, ...] | None:
    """Give the names of the headers that a preflight asks for; None if there is none.

    The names are in lower case and sorted (4.8, "CORS-unsafe request-header names").
    """
    unsafe = {name.lower() for name, value in headers if not _is_safe(name.lower(), value)}
    if method in _SAFE_METHODS and not unsafe:
        return None
    return tuple(sorted(unsafe))


def refused(status: int, given: Headers, origin: str, method: str, names: Iterable[str]) -> str:
    """Say why a preflight's answer does not let the request through; "" if it does."""
    if not 200 <= status < 300:
        return f"the preflight was answered {status}"
    if not shared(given, origin):
        return "the preflight's answer does not allow the origin"
    methods = _members(given, "access-control-allow-methods")  # methods have a case
    if method not in _SAFE_METHODS | methods and "*" not in methods:
        return f"{method} is not allowed"
    allowed = _listed(given, "access-control-allow-headers")
    for name in names:
        if name not in allowed | _SAFE_REQUEST and ("*" not in allowed or name == "authorization"):
            return f"the header {name} is not allowed"
    return ""


def shared(given: Headers, origin: str) -> bool:
    """Tell whether a page of an origin may read an answer, asked for without cookies (4.9)."""
    return given.get("access-control-allow-origin", "").strip() in {"*", origin}


def exposed(given: Headers, name: str) -> bool:
    """Tell whether a page may read this header of an answer that is shared with it."""
    listed = _listed(given, "access-control-expose-headers")
    return name.lower() in _SAFE_RESPONSE | listed or "*" in listed


def _is_safe(name: str, value: str) -> bool:
    if name == "content-type":
        return value.partition(";")[0].strip().lower() in _SAFE_TYPES
    return name in _SAFE_REQUEST


def _listed(given: Headers, name: str) -> set[str]:
    return {each.lower() for each in _members(given, name)}


def _members(given: Headers, name: str) -> set[str]:
    return {each.strip() for each in given.get(name, "").split(",") if each.strip()}
