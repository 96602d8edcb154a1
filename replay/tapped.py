"""A replayed service under record: what it receives and answers passes a tap, and is as it was.

    receive ─► tap.request_… ─► service ─► send ─► tap.response_…

A tap is told of an answer when its bytes are on their way, and writes then what came before.
"""

from http import HTTPStatus
from typing import Any

from wiretape.recorder.capture.failures import broke_off
from wiretape.recorder.capture.tap import RawHeaders, Tap
from wiretape.replay.asgi import TRANSPORT
from wiretape.replay.listening import Application
from wiretape.replay.recording import Taken
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
        tap = self._recorder.exchange(f"c{passing['connection']}")
        http = f"HTTP/{scope['http_version']}"
        do = self._later.do
        do(
            tap.request_head,
            method=scope["method"],
            url=_url(scope),
            http=http,
            headers=tuple(passing["headers"]),
        )
        complete = read = False

        async def received() -> Any:
            nonlocal read
            message = await receive()
            if message["type"] == "http.request":
                do(tap.request_data, message.get("body", b""))
                read = not message.get("more_body", False)
                if read:
                    do(tap.request_end)
            return message

        async def sent(message: Any) -> None:
            nonlocal complete
            await send(message)
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = _on_the_wire(message["headers"], scope["method"], status)
                reason = HTTPStatus(status).phrase
                do(tap.response_head, status=status, reason=reason, http=http, headers=headers)
            else:
                if scope["method"] != "HEAD":
                    do(tap.response_data, message.get("body", b""))
                complete = not message.get("more_body", False)
                if complete and not read:  # it was refused by its head
                    do(tap.request_end)
                if complete:
                    do(tap.response_end)
            self._later.finish()

        try:
            await self._app(scope, received, sent)
        finally:
            if not complete:
                self._ended(tap, scope, left="lost" not in passing and self._gate.is_open)

    def _ended(self, tap: Tap, scope: Any, *, left: bool) -> None:
        """Say who broke off: the client `left`, or else the service did."""
        host, port = scope["server"]
        self._later.do(broke_off, tap, _LEFT if left else _BROKEN, f"{host}:{port}")
        self._later.finish()


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
