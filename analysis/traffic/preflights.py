"""Preflights: what a browser learns from their answers (WHATWG Fetch, 4.8 and 4.9)."""

from collections.abc import Sequence
from typing import NamedTuple

ORIGIN = "(the request's origin)"

_SENT = (
    "Authorization",
    "Content-Type",
    "Last-Event-ID",
    "Mcp-Protocol-Version",
    "Mcp-Session-Id",
)
_METHODS = ("DELETE", "GET", "POST")
_ALWAYS_ALLOWED = frozenset({"GET", "POST"})


class Allowed(NamedTuple):
    """The CORS headers of an answer, values as they were sent but for an origin repeated."""

    origin: str | None
    methods: str | None
    headers: str | None
    expose: str | None
    max_age: str | None
    credentials: str | None

    @property
    def any_origin(self) -> bool:
        """Whether a browser lets the page's origin pass (Fetch, 4.9)."""
        return self.origin in {"*", ORIGIN}


class Preflight(NamedTuple):
    """The answer to a preflight that asked for these headers, which are in lower case."""

    status: int
    headers: tuple[str, ...]
    allowed: Allowed

    @property
    def passes(self) -> bool:
        """Whether the request may follow, methods and headers apart."""
        return 200 <= self.status < 300 and self.allowed.any_origin

    @property
    def asked_too_much(self) -> bool:
        """Whether it was refused, but says itself which headers it would have allowed.

        Starlette answers 400 as soon as one of the headers asked for is not allowed.
        """
        named = {*lower(self.allowed.headers)}
        others = {"authorization"} if "*" in named else {*self.headers}
        too_much = bool(({*self.headers} & others) - named)
        return too_much and self.status in {400, 403} and self.allowed.any_origin


def words(value: str | None) -> list[str]:
    """Give the members of a list, sorted, each once."""
    return sorted({word for part in (value or "").split(",") if (word := part.strip())})


def lower(value: str | None) -> list[str]:
    """Give the members of a list in lower case, sorted."""
    return sorted(map(str.lower, words(value)))


def echoes(asked: Sequence[Preflight]) -> bool:
    """Tell whether preflights are allowed just those headers that they ask for."""
    passing = [preflight for preflight in asked if preflight.passes]
    same = all([*each.headers] == lower(each.allowed.headers) for each in passing)
    return same and len({each.headers for each in passing}) > 1


def _telling(asked: Sequence[Preflight]) -> list[Preflight]:
    """Give the preflights that tell what is allowed: those that pass, or else asked too much."""
    passing = [preflight for preflight in asked if preflight.passes]
    return passing or [preflight for preflight in asked if preflight.asked_too_much]


def sendable(asked: Sequence[Preflight]) -> list[str] | None:
    """Give the headers that some preflight allows (Fetch, 4.8, step 7).

    A `*` allows all but `Authorization`. Where headers are repeated, all of them may be asked for.
    A refusal of several headers at once that names none leaves open which were meant.
    """
    telling = _telling(asked)
    if not asked or (
        telling
        and all(not p.passes and p.allowed.headers is None and len(p.headers) > 1 for p in telling)
    ):
        return None
    if echoes(asked):
        return [*_SENT]
    allowed = {name for preflight in telling for name in lower(preflight.allowed.headers)}
    return [
        name
        for name in _SENT
        if name.lower() in allowed or ("*" in allowed and name != "Authorization")
    ]


def usable(asked: Sequence[Preflight]) -> list[str] | None:
    """Give the methods that some preflight allows; they are compared with their case."""
    if not asked:
        return None
    telling = _telling(asked)
    allowed = {method for p in telling for method in words(p.allowed.methods)}
    if telling:
        allowed |= _ALWAYS_ALLOWED
    return [method for method in _METHODS if method in allowed or "*" in allowed]
