"""Which exchange led to which: a request that follows a redirect was caused by it."""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple, Self
from urllib.parse import urljoin, urlsplit

_MAY_BECOME_GET = (301, 302, 303)
_KEEP_THE_METHOD = (307, 308)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SOON = 5.0
"""Seconds within which clients follow a redirect, if they do."""

_MOST_PENDING = 1000


class Ask(NamedTuple):
    """A request: its method, its URL, and which client sent it, by its User-Agent."""

    method: str
    url: str
    client: bytes | None

    @classmethod
    def of(cls, method: str, url: str, headers: Iterable[tuple[bytes, bytes]]) -> Self:
        """Read a request's head."""
        return cls(method, url, _header(headers, b"user-agent"))


class _Pending(NamedTuple):
    """A redirect that nobody has followed yet, and what a request must be to follow it."""

    exchange: int
    t: float
    target: str
    methods: frozenset[str]
    client: bytes | None


class Redirects:
    """Redirects that nobody has followed yet; of several that fit the last one counts."""

    def __init__(self) -> None:
        self._pending: deque[_Pending] = deque(maxlen=_MOST_PENDING)

    def note(
        self,
        exchange: int,
        ask: Ask,
        status: int,
        headers: Iterable[tuple[bytes, bytes]],
        t: float,
    ) -> None:
        """Remember where a response sends its client, if it does; `t` is in seconds."""
        methods = _methods(ask.method, status)
        location = _header(headers, b"location") if methods else None
        if location is not None:
            target = _target(ask.url, location.decode("latin-1"))
            self._pending.append(_Pending(exchange, t, target, methods, ask.client))

    def follow(self, ask: Ask, t: float) -> int | None:
        """Give the exchange whose redirect this request follows, once."""
        while self._pending and t - self._pending[0].t > _SOON:
            self._pending.popleft()
        if not self._pending:
            return None
        target = _target(ask.url, ask.url)
        for each in reversed(self._pending):
            fits = each.target == target and each.client == ask.client
            if fits and ask.method in each.methods:
                self._pending.remove(each)
                return each.exchange
        return None


def _methods(method: str, status: int) -> frozenset[str]:
    """Give the methods that a redirected request may have (RFC 9110, section 15.4)."""
    if status in _MAY_BECOME_GET:
        return frozenset({method} if method == "HEAD" else {method, "GET"})
    return frozenset({method}) if status in _KEEP_THE_METHOD else frozenset()


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    return next((value for given, value in headers if given.lower() == name), None)


def _target(base: str, location: str) -> str:
    """Resolve a Location (RFC 9110, 10.2.2) to a URL without fragment and default port."""
    try:
        parts = urlsplit(urljoin(base, location))
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return location
    if port == _DEFAULT_PORTS.get(parts.scheme):
        port = None
    authority = host if port is None else f"{host}:{port}"
    return parts._replace(netloc=authority, path=parts.path or "/", fragment="").geturl()
