"""The mitmproxy add-on: tells taps what passes, and changes nothing of it.

Bodies are streamed both ways, so that no byte waits for the recorder and no body is held in memory;
taps are told afterwards.
"""

from collections.abc import Callable
from weakref import WeakKeyDictionary

from mitmproxy import connection, http, tcp, tls
from mitmproxy.proxy import server_hooks

from wiretape.recorder.capture.afterwards import Afterwards
from wiretape.recorder.capture.failures import broke_off, kind
from wiretape.recorder.capture.recorder import Recorder
from wiretape.recorder.capture.tap import Tap

HOP_TO_PROXY = (b"proxy-connection", b"proxy-authorization")
"""Headers meant for the proxy, not for the server (RFC 9110, 7.6.1)."""


class Addon:
    """Feeds one recording from mitmproxy's hooks."""

    def __init__(self, recorder: Recorder, afterwards: Afterwards) -> None:
        self._recorder = recorder
        self._later = afterwards
        self._open: dict[str, Tap] = {}
        self._names: WeakKeyDictionary[connection.Connection, str] = WeakKeyDictionary()
        self._clients = self._servers = 0

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Begin an exchange."""
        request = flow.request
        if any(name.lower() in HOP_TO_PROXY for name, _ in request.headers.fields):
            request.headers.fields = tuple(
                pair for pair in request.headers.fields if pair[0].lower() not in HOP_TO_PROXY
            )
        tap = self._recorder.exchange(self._name(flow.client_conn))
        self._open[flow.id] = tap
        self._later.do(
            tap.request_head,
            method=request.method,
            url=request.url,
            http=request.http_version,
            headers=request.headers.fields,
        )
        request.stream = self._through(tap.request_data)

    def request(self, flow: http.HTTPFlow) -> None:
        """Complete the request."""
        if tap := self._open.get(flow.id):
            trailers = flow.request.trailers
            self._later.do(tap.request_end, trailers.fields if trailers else ())
            self._forget_when_ended(flow)

    def interim_response(self, flow: http.HTTPFlow, status: int) -> None:
        """Say that one passed."""
        if tap := self._open.get(flow.id):
            reason = f"an interim response, {status}, is not recorded"
            self._later.do(self._recorder.lost, reason, tap.exchange)

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Begin the response."""
        tap, response = self._open.get(flow.id), flow.response
        if tap is None or response is None:
            return
        self._later.do(
            tap.response_head,
            status=response.status_code,
            reason=response.reason,
            http=response.http_version,
            headers=response.headers.fields,
            upstream=self._name(flow.server_conn),
        )
        response.stream = self._through(tap.response_data)

    def response(self, flow: http.HTTPFlow) -> None:
        """Complete the response, which may have come before the request was complete."""
        tap = self._open.get(flow.id)
        if tap is None or flow.response is None:
            return
        trailers = flow.response.trailers
        self._later.do(tap.response_end, trailers.fields if trailers else ())
        self._forget_when_ended(flow)

    def error(self, flow: http.HTTPFlow) -> None:
        """Say how an exchange broke off."""
        tap = self._open.pop(flow.id, None)
        if tap is None:
            return
        detail = flow.error.msg if flow.error else "unknown error"
        self._later.do(broke_off, tap, detail, f"{flow.request.host}:{flow.request.port}")

    def tcp_start(self, flow: tcp.TCPFlow) -> None:
        """Say that a tunnel, or a connection that switched protocols, is not recorded."""
        reason = f"what passes to and from {_address(flow.server_conn)} is not HTTP: not recorded"
        self._later.do(self._recorder.lost, reason)

    def tcp_message(self, flow: tcp.TCPFlow) -> None:
        """Forget what has passed, all of which mitmproxy would keep."""
        flow.messages.clear()

    def tls_failed_client(self, data: tls.TlsData) -> None:
        """Note a client that does not trust the recorder's certificate."""
        detail = data.conn.error or "TLS handshake failed"
        peer = _address(data.context.server)
        self._later.do(self._recorder.failed, self._name(data.conn), "tls", detail, peer)

    def http_connect_error(self, flow: http.HTTPFlow) -> None:
        """Note a tunnel that could not be opened, before any request."""
        detail = flow.server_conn.error or "the tunnel was refused"
        peer = f"{flow.request.host}:{flow.request.port}"
        name = self._name(flow.client_conn)
        self._later.do(self._recorder.failed, name, kind(detail), detail, peer)

    def client_disconnected(self, client: connection.Client) -> None:
        """Forget a connection that is gone, and what it began and never completed."""
        name = self._names.pop(client, None)
        for flow, tap in list(self._open.items()):
            if tap.connection == name:
                del self._open[flow]
                self._later.do(tap.aborted, "client abort", "the request was never completed")
        self._later.finish()

    def server_disconnected(self, data: server_hooks.ServerConnectionHookData) -> None:
        """Forget the name of a connection that is gone."""
        self._names.pop(data.server, None)

    def done(self) -> None:
        """Close what is still open when the recorder stops."""
        for tap in self._open.values():
            self._later.do(tap.aborted, "error", "the recorder was stopped")
        self._open.clear()
        self._later.finish()

    def _forget_when_ended(self, flow: http.HTTPFlow) -> None:
        sides = (flow.request, flow.response)
        if all(side is not None and side.timestamp_end is not None for side in sides):
            del self._open[flow.id]

    def _through(self, feed: Callable[[bytes], None]) -> Callable[[bytes], bytes]:
        """Tell a tap of every chunk on its way; mitmproxy marks the end with an empty one."""

        def pass_on(chunk: bytes) -> bytes:
            if chunk:
                self._later.do(feed, chunk)
            return chunk

        return pass_on

    def _name(self, conn: connection.Connection) -> str:
        name = self._names.get(conn)
        if name is None:
            if isinstance(conn, connection.Client):
                self._clients += 1
                name = f"c{self._clients}"
            else:
                self._servers += 1
                name = f"s{self._servers}"
            self._names[conn] = name
        return name


def _address(server: connection.Connection) -> str | None:
    address = getattr(server, "address", None)
    return f"{address[0]}:{address[1]}" if address else None
