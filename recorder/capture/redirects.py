"""Which exchange led to which: a redirect's target, requested next, was caused by the redirect."""

from collections import OrderedDict
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

_REDIRECTS = (301, 302, 303, 307, 308)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_MOST_PENDING = 1000


class Redirects:
    """Redirects that nobody has followed yet, by target; of equal targets the last one counts."""

    def __init__(self) -> None:
        self._pending: OrderedDict[str, int] = OrderedDict()

    def note(
        self, exchange: int, url: str, status: int, headers: Iterable[tuple[bytes, bytes]]
    ) -> None:
        """Remember where a response sends its client, if it does."""
        if status not in _REDIRECTS:
            return
        for name, value in headers:
            if name.lower() == b"location":
                target = _target(url, value.decode("latin-1"))
                self._pending[target] = exchange
                self._pending.move_to_end(target)
        while len(self._pending) > _MOST_PENDING:
            self._pending.popitem(last=False)

    def follow(self, url: str) -> int | None:
        """Give the exchange whose redirect this request follows, once."""
        return self._pending.pop(_target(url, url), None) if self._pending else None


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
