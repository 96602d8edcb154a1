"""A replayed service under record: what it receives and answers passes a tap, and is as it was.

    receive ─► tap.request_… ─► service ─► send ─► tap.response_…

A tap is told of an answer when its bytes are on their way, and writes then what came before.
"""

from http import HTTPStatus
from typing import Any

from wiretape.recorder.capture.failures import broke_off
from wiretape.recorder.capture.tap import RawHeaders, Tap
from wiretape.replay.edge.asgi import TRANSPORT
from wiretape.replay.edge.listening import Application
from wiretape.replay.edge.recording import Taken
from wiretape.replay.world import Gate

_BROKEN = "server closed connection"
_LEFT = "client disconnected"


class Tapped:
    """An application whose exchanges are recorded; `gate` tells if the service took itself away."""

    def __init__(self, app: Application, taken: Taken, gate: Gate) -> None:
        self._app = app
        self._recorder = taken.recorder
        self._later = taken.afterwards
        self._gate = gate

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        passing = scope["extensions"][TRANSPORT]
        exchange = _Exchange(scope, self._recorder.exchange(f"c{passing['connection']}"))
        later = self._later
        later.do(exchange.begin, tuple(passing["headers"]))

        async def received() -> Any:
            message = await receive()
            later.do(exchange.received, message)
            return message

        async def sent(message: Any) -> None:
            await send(message)
            later.do(exchange.sent, message)
            later.finish()

        try:
            await self._app(scope, received, sent)
        finally:
            left = "lost" not in passing and self._gate.is_open
            later.do(exchange.end, _LEFT if left else _BROKEN)
            later.finish()


class _Exchange:
    """What passes of one exchange, told to its tap."""

    def __init__(self, scope: Any, tap: Tap) -> None:
        self._scope = scope
        self._tap = tap
        self._http = f"HTTP/{scope['http_version']}"
        self._read = self._complete = False

    def begin(self, headers: RawHeaders) -> None:
        """Tell of the request's head."""
        method, url = self._scope["method"], _url(self._scope)
        self._tap.request_head(method=method, url=url, http=self._http, headers=headers)

    def received(self, message: Any) -> None:
        """Tell of a part of the request's body."""
        if message["type"] == "http.request":
            self._tap.request_data(message.get("body", b""))
            if not message.get("more_body", False):
                self._whole()

    def sent(self, message: Any) -> None:
        """Tell of the answer's head, or of a part of its body."""
        method = self._scope["method"]
        if message["type"] == "http.response.start":
            status = message["status"]
            self._tap.response_head(
                status=status,
                reason=HTTPStatus(status).phrase,
                http=self._http,
                headers=_on_the_wire(message["headers"], method, status),
            )
            return
        if method != "HEAD":
            self._tap.response_data(message.get("body", b""))
        if not message.get("more_body", False):
            self._complete = True
            self._whole()  # what was refused by its head is not read further
            self._tap.response_end()

    def end(self, broken: str) -> None:
        """Tell who broke off, if it was not complete."""
        if not self._complete:
            host, port = self._scope["server"]
            broke_off(self._tap, broken, f"{host}:{port}")

    def _whole(self) -> None:
        if not self._read:
            self._read = True
            self._tap.request_end()


def _url(scope: Any) -> str:
    """Give the URL as the client has it."""
    named = next((value for name, value in scope["headers"] if name == b"host"), None)
    host, port = scope["server"]
    at = f"{host}:{port}" if named is None else named.decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    return f"{scope['scheme']}://{at}{scope['raw_path'].decode('latin-1')}" + (
        f"?{query}" if query else ""
    )


def _on_the_wire(headers: RawHeaders, method: str, status: int) -> RawHeaders:
    """Give the headers with what the server adds to them (RFC 9112, 6.1)."""
    told = tuple((bytes(name), value) for name, value in headers)  # as plain as on the wire
    bare = method == "HEAD" or status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
    if bare or any(name.lower() == b"content-length" for name, _ in told):
        return told
    return (*told, (b"transfer-encoding", b"chunked"))
