"""What changes on the way through in reverse mode.

Towards the upstream local origins become upstream ones, towards the client the other way round.
New origins are learnt from OAuth documents, and from redirects that MCP clients follow; never from
those that a browser follows: they lead to login pages, and back to the client itself.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from wiretape.recorder.capture.reverse import documents
from wiretape.recorder.capture.reverse.bodies import BodyRewriter, Whole
from wiretape.recorder.capture.reverse.cookies import Cookies
from wiretape.recorder.capture.reverse.endpoint import EndpointRewriter
from wiretape.recorder.capture.reverse.knowledge import Knowledge, parted
from wiretape.recorder.capture.reverse.origins import Origin, Origins, origin_of
from wiretape.recorder.capture.reverse.visit import Headers, Visit, header, media_type

_MOST_ORIGINS = 64
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[\w.~-]+)(?::\d+)?", re.IGNORECASE | re.ASCII)
_ISSUER = re.compile(r"(?<=[?&#]iss=)[^&#]*")
_KNOWN_ORIGINS = frozenset(
    (b"link", b"content-location", b"access-control-allow-origin", b"content-security-policy")
)
_OF_HTTPS = frozenset((b"strict-transport-security", b"alt-svc"))
"""Headers that would lead a client away from the recorder's plain HTTP."""


class Rewriter:
    """Rewrites heads and bodies. `listen` opens a port for an upstream origin, if it can."""

    def __init__(self, host: str, listen: Callable[[Origin], int | None]) -> None:
        self.origins = Origins()
        self._host = host
        self._listen = listen
        self._cookies = Cookies()
        self._knowledge = Knowledge()

    def request(self, visit: Visit) -> Visit:
        """Give a request as the upstream is to get it."""
        called = _HOST.fullmatch(header(visit.headers, b"host"))
        visit = replace(visit, host=called[1] if called else self._host)
        path, mark, query = visit.target.partition("?")
        query = self.origins.to_upstream(query, visit.host)
        self._knowledge.note_redirect_uri(query)
        headers = tuple(self._request_headers(visit))
        return replace(visit, target=path + mark + query, headers=headers)

    def changes_request_body(self, visit: Visit) -> bool:
        """Whether a request's body may hold local origins: OAuth's may, MCP's does not."""
        if header(visit.headers, b"content-encoding"):
            return False
        match media_type(visit.headers):
            case "application/x-www-form-urlencoded":
                return True
            case "application/json":
                return self._knowledge.is_back_channel(visit)
            case _:
                return False

    def request_body(self, visit: Visit, body: bytes) -> bytes:
        """Give an OAuth request's body as the upstream is to get it."""
        text = self.origins.to_upstream(body.decode("latin-1"), visit.host)
        self._knowledge.note_redirect_uri(text)
        return text.encode("latin-1")

    def response_headers(self, visit: Visit, headers: Headers) -> Headers:
        """Give a response's headers as the client is to get them, and learn from them."""
        return tuple(self._response_headers(visit, headers))

    def response_body(self, visit: Visit, status: int, headers: Headers) -> BodyRewriter | None:
        """Give what changes a response's body on its way, if anything does."""
        if visit.method == "HEAD" or not 200 <= status < 300:
            return None
        if self._knowledge.is_metadata(visit):
            return Whole(lambda body: self._document(visit, body, documents.is_metadata_url))
        if self._knowledge.is_registration(visit):
            return Whole(lambda body: self._document(visit, body, documents.is_registration_url))
        if visit.method == "GET" and media_type(headers) == "text/event-stream":
            return EndpointRewriter(lambda data: self._endpoint_url(visit, data))
        return None

    def _request_headers(self, visit: Visit) -> Iterator[tuple[bytes, bytes]]:
        if not header(visit.headers, b"host"):
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
            elif lower in _KNOWN_ORIGINS:
                text = self.origins.to_client(text, visit.host)
            yield name, text.encode("latin-1")

    def _location(self, visit: Visit, value: str) -> str:
        """Rewrite where a redirect leads, and the issuer it carries (RFC 9207, section 2).

        Whatever else its query carries is for the server that it leads to, not for the client.
        """
        url = f"{visit.origin.scheme}:{value}" if value.startswith("//") else value
        place, rest = parted(url)
        if not self._knowledge.is_clients_own(place):
            if self._knowledge.follows_redirects(visit):
                self._learn(visit, place)
                if self._knowledge.is_metadata(visit):
                    self._knowledge.note_metadata(place)
            place = self.origins.url_to_client(place, visit.host)
        return place + _ISSUER.sub(lambda f: self.origins.url_to_client(f[0], visit.host), rest)

    def _challenge(self, visit: Visit, value: str) -> str:
        if url := documents.resource_metadata(value):
            self._learn(visit, url)
            self._knowledge.note_metadata(url)
        return documents.challenge(value, lambda text: self.origins.to_client(text, visit.host))

    def _document(self, visit: Visit, body: bytes, names: Callable[[str], bool]) -> bytes:
        def change(name: str, url: str) -> str:
            self._learn(visit, url)
            self._knowledge.note_member(name, url)
            return self.origins.url_to_client(url, visit.host)

        return documents.changed(body, names, change)

    def _endpoint_url(self, visit: Visit, data: bytes) -> bytes:
        url = data.decode("latin-1")
        self._learn(visit, url)
        return self.origins.url_to_client(url, visit.host).encode("latin-1")

    def _learn(self, visit: Visit, url: str) -> None:
        """Give the origin of an absolute URL a local one, unless it has one or is one."""
        origin = origin_of(url)
        if (
            origin is None
            or not origin.host.isascii()
            or origin in self.origins
            or self.origins.upstream_of(origin, visit.host)
            or len(self.origins) >= _MOST_ORIGINS
        ):
            return
        if (port := self._listen(origin)) is not None:
            self.origins.add(origin, port)
