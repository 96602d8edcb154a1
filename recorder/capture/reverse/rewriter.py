"""What changes on the way through in reverse mode, and what is learnt from it about the upstream.

Towards the upstream local origins become upstream ones, towards the client the other way round.
New origins are learnt from OAuth documents, and from redirects that MCP clients follow; never from
those that a browser follows: they lead to login pages, and back to the client itself.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import parse_qs

from wiretape.recorder.capture.reverse import documents
from wiretape.recorder.capture.reverse.cookies import Cookies
from wiretape.recorder.capture.reverse.endpoint import EndpointRewriter
from wiretape.recorder.capture.reverse.origins import Origin, Origins, origin_of

type Headers = tuple[tuple[bytes, bytes], ...]

LIMIT = 1 << 20
"""Bytes of a body that are held to be rewritten; a longer one passes as it is."""

_MOST_ORIGINS = 64
_MOST_NOTED = 1000
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[\w.~-]+)(?::\d+)?", re.IGNORECASE | re.ASCII)
_ISSUER = re.compile(r"(?<=[?&#]iss=)[^&#]*")
_METADATA_PATHS = (
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
)
# Where clients go without metadata (MCP 2025-03-26, Authorization, 2.3.3).
_REGISTRATION_PATH = "/register"
_BACK_CHANNEL_PATHS = (_REGISTRATION_PATH, "/token")
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_EVENT_STREAM = "text/event-stream"
_METADATA = "metadata"
_AUTHORIZATION = "authorization_endpoint"
_KNOWN_URLS = frozenset(
    (b"link", b"content-location", b"access-control-allow-origin", b"content-security-policy")
)
_OF_HTTPS = frozenset((b"strict-transport-security", b"alt-svc"))
"""Headers that would lead a client away from the recorder's plain HTTP."""


class BodyRewriter(Protocol):
    """Changes a body while it passes."""

    def feed(self, data: bytes) -> bytes:
        """Give what may pass now that these bytes have come."""
        ...

    def close(self) -> bytes:
        """Give what is left at the end."""
        ...


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A request to an upstream origin; `host` is what the client calls the recorder."""

    origin: Origin
    method: str
    target: str
    headers: Headers
    host: str = ""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def endpoint(self) -> str:
        """The URL without its query."""
        return f"{self.origin}{self.path}"


class Rewriter:
    """Rewrites heads and bodies. `listen` opens a port for an upstream origin, if it can."""

    def __init__(self, host: str, listen: Callable[[Origin], int | None]) -> None:
        self.origins = Origins()
        self._host = host
        self._listen = listen
        self._cookies = Cookies()
        self._endpoints: dict[str, str] = {}
        self._redirect_uris: set[str] = set()

    def request(self, visit: Visit) -> Visit:
        """Give a request as the upstream is to get it."""
        called = _HOST.fullmatch(_value(visit.headers, b"host"))
        visit = replace(visit, host=called[1] if called else self._host)
        path, mark, query = visit.target.partition("?")
        query = self.origins.to_upstream(query, visit.host)
        self._note_redirect_uri(query)
        headers = tuple(self._request_headers(visit))
        return replace(visit, target=path + mark + query, headers=headers)

    def changes_request_body(self, visit: Visit) -> bool:
        """Whether a request's body may hold local origins: OAuth's may, MCP's does not."""
        if _value(visit.headers, b"content-encoding"):
            return False
        media_type = _media_type(visit.headers)
        return media_type == _FORM or (
            media_type == _JSON
            and (visit.endpoint in self._endpoints or visit.path.endswith(_BACK_CHANNEL_PATHS))
        )

    def request_body(self, visit: Visit, body: bytes) -> bytes:
        """Give an OAuth request's body as the upstream is to get it."""
        text = self.origins.to_upstream(body.decode("latin-1"), visit.host)
        self._note_redirect_uri(text)
        return text.encode("latin-1")

    def response_headers(self, visit: Visit, headers: Headers) -> Headers:
        """Give a response's headers as the client is to get them, and learn from them."""
        return tuple(self._response_headers(visit, headers))

    def response_body(self, visit: Visit, status: int, headers: Headers) -> BodyRewriter | None:
        """Give what changes a response's body on its way, if anything does."""
        if visit.method == "HEAD" or not 200 <= status < 300:
            return None
        if self._is_metadata(visit):
            return Whole(lambda body: self._document(visit, body, documents.is_metadata_url))
        if self._is_registration(visit):
            return Whole(lambda body: self._document(visit, body, documents.is_registration_url))
        if visit.method == "GET" and _media_type(headers) == _EVENT_STREAM:
            return EndpointRewriter(lambda data: self._endpoint_url(visit, data))
        return None

    def learn(self, origin: Origin) -> None:
        """Give an upstream origin a local one, unless it has one."""
        if origin in self.origins or len(self.origins) >= _MOST_ORIGINS:
            return
        if origin.host.isascii() and (port := self._listen(origin)) is not None:
            self.origins.add(origin, port)

    def _request_headers(self, visit: Visit) -> Iterator[tuple[bytes, bytes]]:
        if not _value(visit.headers, b"host"):
            yield b"Host", visit.origin.authority.encode()
        for name, value in visit.headers:
            match name.lower():
                case b"host":
                    yield name, visit.origin.authority.encode()
                case b"origin" | b"referer":
                    text = value.decode("latin-1")
                    yield name, self.origins.to_upstream(text, visit.host).encode("latin-1")
                case b"cookie":
                    text = self._cookies.to_upstream(value.decode("latin-1"), visit.origin.host)
                    if text:
                        yield name, text.encode("latin-1")
                case _:
                    yield name, value

    def _response_headers(self, visit: Visit, headers: Headers) -> Iterator[tuple[bytes, bytes]]:
        for name, value in headers:
            lower, text = name.lower(), value.decode("latin-1")
            if lower in _OF_HTTPS:
                continue
            if lower == b"location":
                text = self._location(visit, text)
            elif lower == b"www-authenticate":
                text = self._challenge(visit, text)
            elif lower == b"set-cookie":
                text = self._cookies.to_client(text, visit.origin.host)
            elif lower in _KNOWN_URLS:
                text = self.origins.to_client(text, visit.host)
            yield name, text.encode("latin-1")

    def _location(self, visit: Visit, value: str) -> str:
        """Rewrite where a redirect leads, and the issuer it carries (RFC 9207, section 2).

        Whatever else its query carries is for the server that it leads to, not for the client.
        """
        url = f"{visit.origin.scheme}:{value}" if value.startswith("//") else value
        place, rest = _parted(url)
        origin = origin_of(place)
        if origin and place not in self._redirect_uris:
            if self._is_followed(visit):
                self.learn(origin)
                if self._is_metadata(visit):
                    self._note_endpoint(place, _METADATA)
            place = self.origins.url_to_client(place, visit.host)
        return place + _ISSUER.sub(lambda f: self.origins.url_to_client(f[0], visit.host), rest)

    def _challenge(self, visit: Visit, value: str) -> str:
        url = documents.resource_metadata(value)
        if url and (origin := origin_of(url)):
            self.learn(origin)
            self._note_endpoint(_parted(url)[0], _METADATA)
        return documents.challenge(value, lambda text: self.origins.to_client(text, visit.host))

    def _document(self, visit: Visit, body: bytes, names: Callable[[str], bool]) -> bytes:
        def change(name: str, url: str) -> str:
            if origin := origin_of(url):
                self.learn(origin)
                if name.endswith("_endpoint") or documents.is_registration_url(name):
                    self._note_endpoint(_parted(url)[0], name)
            return self.origins.url_to_client(url, visit.host)

        return documents.changed(body, names, change)

    def _endpoint_url(self, visit: Visit, data: bytes) -> bytes:
        url = data.decode("latin-1")
        if origin := origin_of(url):
            self.learn(origin)
        return self.origins.url_to_client(url, visit.host).encode("latin-1")

    def _is_metadata(self, visit: Visit) -> bool:
        return (
            any(known in visit.path for known in _METADATA_PATHS)
            or self._endpoints.get(visit.endpoint) == _METADATA
        )

    def _is_registration(self, visit: Visit) -> bool:
        role = self._endpoints.get(visit.endpoint)
        if role is None:
            return visit.method == "POST" and visit.path.endswith(_REGISTRATION_PATH)
        return role == "registration_endpoint" or documents.is_registration_url(role)

    def _is_followed(self, visit: Visit) -> bool:
        """Whether it is a client of MCP or OAuth, and no browser, that follows redirects."""
        accept = _value(visit.headers, b"accept").lower()
        if "text/html" in accept or self._endpoints.get(visit.endpoint) == _AUTHORIZATION:
            return False
        return (
            _EVENT_STREAM in accept
            or bool(_value(visit.headers, b"mcp-protocol-version"))
            or _media_type(visit.headers) == _JSON
            or self._is_metadata(visit)
        )

    def _note_endpoint(self, url: str, role: str) -> None:
        if len(self._endpoints) < _MOST_NOTED:
            self._endpoints[url] = role

    def _note_redirect_uri(self, parameters: str) -> None:
        if "redirect_uri=" in parameters and len(self._redirect_uris) < _MOST_NOTED:
            for uri in parse_qs(parameters).get("redirect_uri", ()):
                self._redirect_uris.add(_parted(uri)[0])


class Whole:
    """Changes a body as a whole; one that is longer than the limit passes as it is."""

    def __init__(self, change: Callable[[bytes], bytes]) -> None:
        self._change = change
        self._held = bytearray()
        self._too_long = False

    def feed(self, data: bytes) -> bytes:
        """Hold the body back, up to the limit."""
        if self._too_long:
            return data
        self._held += data
        self._too_long = len(self._held) > LIMIT
        return self._take() if self._too_long else b""

    def close(self) -> bytes:
        """Give the changed body."""
        return self._change(self._take()) if self._held else b""

    def _take(self) -> bytes:
        held, self._held = bytes(self._held), bytearray()
        return held


def _parted(url: str) -> tuple[str, str]:
    """Part a URL before its query or fragment."""
    end = re.search(r"[?#]|$", url)
    assert end
    return url[: end.start()], url[end.start() :]


def _value(headers: Headers, wanted: bytes) -> str:
    """Give the values of a header as one (RFC 9110, section 5.3)."""
    return ", ".join(v.decode("latin-1") for name, v in headers if name.lower() == wanted)


def _media_type(headers: Headers) -> str:
    return _value(headers, b"content-type").partition(";")[0].strip().lower()
