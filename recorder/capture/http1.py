"""What mitmproxy 12.2 does not carry over HTTP/1: interim responses, trailers, early ends.

It takes the first 1xx for the response and drops the connection at what follows; it refuses
trailers with an exception that leaves both sides waiting; and a client that is answered before its
request is complete does not get the answer's end. Here all pass (RFC 9110, sections 15.2, 6.5, and
RFC 9112, section 9.5).
"""

import re
from dataclasses import dataclass

import h11
from h11._readers import ChunkedReader
from h11._receivebuffer import ReceiveBuffer
from mitmproxy import http
from mitmproxy.flow import Error
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.layers import http as layers
from mitmproxy.proxy.layers.http import _http1 as http1
from mitmproxy.proxy.layers.http._base import HttpEvent, ReceiveHttp
from mitmproxy.proxy.layers.http._events import (
    RequestProtocolError,
    RequestTrailers,
    ResponseEndOfMessage,
    ResponseProtocolError,
    ResponseTrailers,
)
from mitmproxy.proxy.layers.http._hooks import HttpErrorHook

type Commands = layer.CommandGenerator[None]

_INTERIM = re.compile(rb"HTTP/1\.\d (1(?!01)\d\d)[ \r\n]")  # 101 is the last of its exchange
_LAST_CHUNK = b"0\r\n\r\n"


@dataclass
class InterimResponse(HttpEvent):
    """A response that says that there is more to come; `head` is all of it."""

    status: int
    head: bytes


@dataclass
class InterimResponseHook(commands.StartHook):
    """Tells add-ons of an interim response, which passes in any case."""

    name = "interim_response"
    blocking = False
    flow: http.HTTPFlow
    status: int


class _Chunks(ChunkedReader):
    """Reads chunks, and keeps the trailers after the last one for whoever asks."""

    def __init__(self) -> None:
        super().__init__()
        self.trailers: list[tuple[bytes, bytes]] = []

    def __call__(self, buf: ReceiveBuffer) -> h11.Data | h11.EndOfMessage | None:
        event = super().__call__(buf)
        if not isinstance(event, h11.EndOfMessage) or not event.headers:
            return event
        self.trailers = event.headers.raw_items()
        return h11.EndOfMessage()


class _Trailing(http1.Http1Connection):
    """Either side of HTTP/1 with trailers, which come in after chunks and go out after chunks."""

    ReceiveTrailers: type[RequestTrailers | ResponseTrailers]
    _to_send: http.Headers | None = None

    def read_body(self, event: events.Event) -> Commands:
        if type(self.body_reader) is ChunkedReader:  # new, it has not read anything yet
            self.body_reader = _Chunks()
        assert self.stream_id is not None
        stream, reader = self.stream_id, self.body_reader
        for command in super().read_body(event):
            ended = isinstance(command, ReceiveHttp) and isinstance(
                command.event, self.ReceiveEndOfMessage
            )
            if ended and isinstance(reader, _Chunks) and reader.trailers:
                trailers, reader.trailers = http.Headers(reader.trailers), []
                yield ReceiveHttp(self.ReceiveTrailers(stream, trailers))
            yield command

    def send(self, event: HttpEvent) -> Commands:
        if isinstance(event, RequestTrailers | ResponseTrailers):
            self._to_send = event.trailers
            return
        for command in super().send(event):
            if isinstance(command, commands.SendData) and command.data == _LAST_CHUNK:
                command.data = b"0\r\n%b\r\n" % bytes(self._to_send or b"")
                self._to_send = None
            yield command


class _Server(_Trailing, http1.Http1Server):
    """The side that a client talks to."""

    ReceiveTrailers = RequestTrailers

    def send(self, event: HttpEvent) -> Commands:
        if isinstance(event, InterimResponse):
            yield commands.SendData(self.conn, event.head)
        elif not (isinstance(event, ResponseEndOfMessage) and self._has_ended(event)):
            yield from super().send(event)

    def _has_ended(self, event: ResponseEndOfMessage) -> bool:
        """Say whether this end was sent early; the connection may have gone on since."""
        return self.response_done or event.stream_id < self.stream_id


class _Client(_Trailing, http1.Http1Client):
    """The side that talks to a server."""

    ReceiveTrailers = ResponseTrailers

    def read_headers(self, event: events.ConnectionEvent) -> Commands:
        while self.stream_id and (interim := _INTERIM.match(bytes(self.buf))):
            lines = self.buf.maybe_extract_lines()
            if lines is None:
                return  # the rest of its head is still to come
            head = b"\r\n".join((*map(bytes, lines), b"", b""))
            yield ReceiveHttp(InterimResponse(self.stream_id, int(interim[1]), head))
        yield from super().read_headers(event)


class _Stream(layers.HttpStream):
    """One exchange, in which interim responses pass from HTTP/1 to HTTP/1.

    A response that ends before its request does is ended for the client as well. Which side broke
    off is put into words, since it can only be told here.
    """

    def _handle_event(self, event: events.Event) -> Commands:
        if isinstance(event, InterimResponse):
            yield InterimResponseHook(self.flow, event.status)
            if not self.flow.request.is_http2:
                yield layers.SendHttp(event, self.context.client)
            return
        if isinstance(event, RequestProtocolError):
            event.message = event.message.replace("peer closed", "client closed")
            if self._answered_early():
                self.flow.error = Error(event.message)
                yield HttpErrorHook(self.flow)  # else no add-on would hear of its end
        elif isinstance(event, ResponseProtocolError):
            event.message = event.message.replace("reset by client", "reset by server")
        yield from super()._handle_event(event)

    def _answered_early(self) -> bool:
        asking = self.client_state == self.state_stream_request_body
        return bool(asking and self.server_state == self.state_done)

    def send_response(self, already_streamed: bool = False) -> Commands:
        yield from super().send_response(already_streamed)
        if self._answered_early():
            yield layers.SendHttp(ResponseEndOfMessage(self.stream_id), self.context.client)


def install() -> None:
    """Have mitmproxy use these."""
    for name, kind in (("Http1Server", _Server), ("Http1Client", _Client), ("HttpStream", _Stream)):
        setattr(layers, name, kind)
