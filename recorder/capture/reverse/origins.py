"""Upstream origins, and the local ones that stand for them towards the client.

    https://mcp.example/v1/sse   ◄─►   http://127.0.0.1:8484/v1/sse
    https://auth.example         ◄─►   http://127.0.0.1:49152

Every upstream origin has a local one of its own, so URLs that are equal, or of one origin, are so
on both sides. Paths stay as they are, because clients look for documents by them (RFC 8414,
section 3; RFC 9728, section 3.1).
"""

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote, unquote

from wiretape.recorder.errors import UsageError
from wiretape.recorder.log.printable import printable

_DEFAULT_PORTS = {"http": 80, "https": 443}
_MOST_PORTS = 65535

# An origin at the beginning of a URL: plain, in JSON with escaped slashes, or URL-encoded any
# number of times. Quantifiers are possessive, lest a part of a host or port is taken for it. What
# follows must not make it something else, such as the user name in https://mcp.example@host.
_ORIGIN = re.compile(
    r"""
    (?: (?<![\w+./-]) | (?<=%[0-9a-f]{2}) )
    (?P<scheme> https? )
    (?P<colon> : | %(?:25)*3a )
    (?P<slashes> // | \\/\\/ | (?: %(?:25)*2f ){2} )
    (?P<host>
        [\w.~\x80-\U0010ffff-]++
        | \[ [0-9a-f:.]++ \]
        | %(?:25)*5b (?: [0-9a-f.] | %(?:25)*3a )++ %(?:25)*5d
    )
    (?: (?P=colon) (?P<port> \d{1,5}+ ) )?+
    (?! [\w@:] | %(?:25)*(?:40|3a) )
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)


class Origin(NamedTuple):
    """Scheme, host and port (RFC 6454, section 4); an IPv6 address stands in brackets."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host and port as a Host header has them, the port only if it is not the scheme's own."""
        return self.host if self.has_own_port else f"{self.host}:{self.port}"

    @property
    def has_own_port(self) -> bool:
        """Whether the port is the scheme's own, which is not written."""
        return self.port == _DEFAULT_PORTS[self.scheme]


def origin_of(url: str) -> Origin | None:
    """Give the origin at the beginning of an absolute http(s) URL."""
    found = _ORIGIN.match(url)
    return _read(found) if found else None


def local(host: str, port: int) -> Origin:
    """Give the origin of a port of the recorder's; an IPv6 host may lack its brackets."""
    return Origin("http", f"[{host}]" if ":" in host and host[0] != "[" else host, port)


def upstream(url: str) -> tuple[Origin, str]:
    """Take the user's URL apart: its origin, and the path and query. Raises UsageError."""
    found = _ORIGIN.match(url)
    origin = _read(found) if found else None
    rest = url[found.end() :] if found else ""
    if origin is None or rest[:1] not in ("", "/", "?") or not rest.isprintable() or " " in rest:
        if "@" in unquote(url):  # then it is not repeated either
            raise UsageError(
                "--reverse: say the URL without user and password; the client sends its own"
            )
        raise UsageError(
            f"--reverse {printable(url)}: say an http:// or https:// URL, such as https://mcp.example/v1/sse"
        )
    return origin, rest.partition("#")[0]


class Origins:
    """The ports of the local origins. Their host is whatever the client calls the recorder."""

    def __init__(self) -> None:
        self._ports: dict[Origin, int] = {}
        self._upstream: dict[int, Origin] = {}

    def __len__(self) -> int:
        return len(self._ports)

    def __contains__(self, origin: Origin) -> bool:
        return origin in self._ports

    def add(self, origin: Origin, port: int) -> None:
        """Let a port stand for an upstream origin."""
        self._ports[origin] = port
        self._upstream[port] = origin

    def at(self, port: int) -> Origin:
        """Give the upstream origin that a port stands for."""
        return self._upstream[port]

    def upstream_of(self, origin: Origin, host: str) -> Origin | None:
        """Give the upstream origin of a local one, if it is local."""
        if origin.scheme != "http" or origin.host != host.lower():
            return None
        return self._upstream.get(origin.port)

    def to_client(self, text: str, host: str) -> str:
        """Replace every upstream origin in a text by the local one; `host` is the client's word."""
        return _replaced(text, lambda origin: self._local_of(origin, host))

    def url_to_client(self, url: str, host: str) -> str:
        """Replace the upstream origin that a URL begins with, and leave what it carries."""
        found = _ORIGIN.match(url)
        if found is None:
            return url
        return self.to_client(found[0], host) + url[found.end() :]

    def to_upstream(self, text: str, host: str) -> str:
        """Replace every local origin in a text by the upstream one."""
        return _replaced(text, lambda origin: self.upstream_of(origin, host))

    def _local_of(self, origin: Origin, host: str) -> Origin | None:
        port = self._ports.get(origin)
        return None if port is None else local(host, port)


def _replaced(text: str, other: Callable[[Origin], Origin | None]) -> str:
    def replace(found: re.Match[str]) -> str:
        origin = _read(found)
        stand_in = other(origin) if origin else None
        return (
            found[0] if stand_in is None else _written(stand_in, found["colon"], found["slashes"])
        )

    return _ORIGIN.sub(replace, text)


def _read(found: re.Match[str]) -> Origin | None:
    scheme, host = found["scheme"].lower(), found["host"].lower()
    while host.startswith("%"):
        host = unquote(host)
    port = int(found["port"]) if found["port"] else _DEFAULT_PORTS[scheme]
    return Origin(scheme, host, port) if 0 < port <= _MOST_PORTS else None


def _written(origin: Origin, colon: str, slashes: str) -> str:
    """Write an origin in the encoding of the one it replaces."""
    host = origin.host
    for _ in range(len(colon) // 2):  # ":" is encoded no time, "%3A" once, "%253A" twice
        host = quote(host, safe="")
    port = "" if origin.has_own_port else f"{colon}{origin.port}"
    return f"{origin.scheme}{colon}{slashes}{host}{port}"
