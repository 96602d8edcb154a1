"""The mitmproxy add-on of reverse mode: taps are shown the upstream's side, clients the other one.

A response's body changes as it passes. A request's is held instead if its length was announced,
because the change may give it another, and not every server takes a request without.
"""

from collections.abc import Callable, Iterable, Iterator

from mitmproxy import http
from mitmproxy.net.http.http1 import expected_http_body_size

from wiretape.recorder.capture.addon import Addon
from wiretape.recorder.capture.afterwards import Afterwards
from wiretape.recorder.capture.recorder import Recorder
from wiretape.recorder.capture.reverse.bodies import LIMIT, BodyRewriter, Whole
from wiretape.recorder.capture.reverse.listeners import Listeners
from wiretape.recorder.capture.reverse.origins import Origin, local
from wiretape.recorder.capture.reverse.rewriter import Rewriter
from wiretape.recorder.capture.reverse.visit import Headers, Visit
from wiretape.recorder.errors import UsageError, WiretapeError
from wiretape.recorder.wire.coding import CodingError, Decoder, decoder

type Passage = Callable[[bytes], Iterable[bytes] | bytes]
"""What a body passes through, chunk by chunk, as mitmproxy wants it: an empty one marks the end."""

_VISIT = "wiretape visit"
_HELD = "wiretape held"


class ReverseAddon(Addon):
    """Feeds a recording with the upstream's side of what it rewrites for clients."""

    def __init__(self, recorder: Recorder, afterwards: Afterwards, host: str) -> None:
        super().__init__(recorder, afterwards)
        self._host = host
        self._listeners = Listeners(host)
        self._rewriter = Rewriter(host, self._listen)

    def listen(self, origin: Origin, port: int) -> int:
        """Let a port, 0 takes a free one, stand for the upstream origin that a user asked for.

        Raises UsageError and EnvironmentFaultError as `Listeners.open` does.
        """
        if origin == local(self._host, port):
            raise UsageError(f"--reverse {origin}: that is where the recorder itself listens")
        port = self._listeners.open(origin, port)
        self._rewriter.origins.add(origin, port)
        return port

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Rewrite the request's head, and begin an exchange unless the body is held."""
        request = flow.request
        visit = self._rewriter.request(
            Visit(
                origin=self._rewriter.origins.at(flow.client_conn.sockname[1]),
                method=request.method,
                target=request.path,
                headers=request.headers.fields,
            )
        )
        flow.metadata[_VISIT] = visit
        request.authority = ""  # a client must not choose another server
        request.path = visit.target
        request.headers.fields = visit.headers
        if not self._rewriter.changes_request_body(visit):
            super().requestheaders(flow)
            return
        size = expected_http_body_size(request)
        if size is not None and size <= LIMIT:
            flow.metadata[_HELD] = True
            return
        super().requestheaders(flow)
        if size is None and callable(request.stream):
            whole = Whole(lambda body: self._rewriter.request_body(visit, body))
            request.stream = _to_upstream(whole, request.stream)

    def request(self, flow: http.HTTPFlow) -> None:
        """Complete the request; one that was held also begins now."""
        if flow.metadata.pop(_HELD, False):
            request = flow.request
            held = request.raw_content or b""
            body = self._rewriter.request_body(flow.metadata[_VISIT], held)
            if body != held:
                request.raw_content = body
                request.headers.fields = _with_length(request.headers.fields, len(body))
            super().requestheaders(flow)
            if callable(request.stream) and body:
                request.stream(body)
        super().request(flow)

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Begin the response, then rewrite its head, and its body on the way to the client."""
        super().responseheaders(flow)
        response, visit = flow.response, flow.metadata[_VISIT]
        if response is None:
            return
        headers = response.headers
        encoding = headers.get("content-encoding")
        body = self._rewriter.response_body(visit, response.status_code, headers.fields)
        headers.fields = self._rewriter.response_headers(visit, headers.fields)
        if body is None or not callable(response.stream):
            return
        try:
            response.stream = _to_client(response.stream, decoder(encoding), body)
        except CodingError:
            return
        _unframe(flow.request, response)

    def error(self, flow: http.HTTPFlow) -> None:
        """Say how an exchange broke off; one that was held has not begun yet."""
        if flow.metadata.pop(_HELD, False):
            super().requestheaders(flow)
            exchange = self._open[flow.id].exchange
            self._later.do(self._recorder.lost, "a part of a request's body", exchange)
        super().error(flow)

    def done(self) -> None:
        """Stop listening, and close what is still open."""
        self._listeners.close()
        super().done()

    def _listen(self, origin: Origin) -> int | None:
        try:
            return self._listeners.open(origin)
        except WiretapeError as error:
            self._later.do(self._recorder.lost, f"what goes to {origin}: {error}")
            return None


def _to_upstream(body: BodyRewriter, tap: Passage) -> Passage:
    """Rewrite a body, then show it to the tap."""

    def passage(chunk: bytes) -> Iterator[bytes]:
        if piece := body.feed(chunk) if chunk else body.close():
            tap(piece)
            yield piece
        if not chunk:
            tap(chunk)

    return passage


def _to_client(tap: Passage, decode: Decoder, body: BodyRewriter) -> Passage:
    """Show a body to the tap, then decode and rewrite it; what cannot be decoded ends there."""
    broken = False

    def passage(chunk: bytes) -> Iterator[bytes]:
        nonlocal broken
        tap(chunk)
        try:
            for decoded in decode.feed(chunk) if not broken else ():
                if piece := body.feed(decoded):
                    yield piece
        except CodingError:
            broken = True
        if not chunk and (piece := body.close()):
            yield piece

    return passage


def _unframe(request: http.Request, response: http.Response) -> None:
    """Let a response's body be of any length, and no longer encoded (RFC 9112, section 6.3)."""
    headers = response.headers
    for name in ("content-length", "content-encoding"):
        headers.pop(name, None)
    if request.http_version == response.http_version == "HTTP/1.1":
        headers["transfer-encoding"] = "chunked"


def _with_length(headers: Headers, size: int) -> Headers:
    return tuple(
        (name, b"%d" % size if name.lower() == b"content-length" else value)
        for name, value in headers
    )
