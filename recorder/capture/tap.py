"""One exchange as it passes: fed with heads and chunks, it emits records.

    request head ─► chunks ─► end ─┐
                                   ├─► request, response, [event…], end     or     request, error
    response head ─► chunks ─► end ┘

The request's record is written when its body is complete, a response's likewise, except an SSE
stream's: its record is written at the head, its events as they pass. Records of an exchange keep
that order even when a server answers before it has read the whole request. The tap does no I/O and
never changes, holds back or refuses what passes.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, Protocol

from msgspec.structs import replace

from wiretape.recorder.capture import content
from wiretape.recorder.capture.body import PassingBody
from wiretape.recorder.capture.clock import Moment
from wiretape.recorder.capture.redirects import Ask, Redirects
from wiretape.recorder.log.records import (
    AnyRecord,
    Content,
    End,
    Error,
    Event,
    Request,
    Response,
)
from wiretape.recorder.redaction.redactor import Redactor
from wiretape.recorder.wire.coding import CodingError, Decoder, decoder
from wiretape.recorder.wire.sse import EventStream, ServerSentEvent

type RawHeaders = Iterable[tuple[bytes, bytes]]
type How = Literal["complete", "client abort", "server abort", "error"]
type ErrorKind = Literal["dns", "connect", "tls", "protocol"]

_MOST_DECODED = 16 << 20
"""Bytes that a chunk of a stream may decode to: all other traffic waits meanwhile."""


class Sink(Protocol):
    """What a tap needs: the time, the redactor, and somewhere for its records to go."""

    redactor: Redactor
    redirects: Redirects
    max_body: int

    def now(self) -> Moment:
        """Tell the time."""
        ...

    def emit(self, *records: AnyRecord) -> None:
        """Take finished records, in order."""
        ...

    def lost(self, reason: str, exchange: int) -> None:
        """Take note that something of this exchange is not in the recording."""
        ...


class Tap:
    """The recording of one exchange. Call its methods in the order in which things pass."""

    def __init__(self, sink: Sink, exchange: int, connection: str) -> None:
        self.exchange = exchange
        self._sink = sink
        self.connection = connection
        self._url = ""
        self._ask: Ask | None = None
        self._request_headers: tuple[tuple[bytes, bytes], ...] = ()
        self._response_headers: tuple[tuple[bytes, bytes], ...] = ()
        self._request: Request | None = None
        self._request_body: PassingBody | None = None
        self._response: Response | None = None
        self._response_body: PassingBody | None = None
        self._waiting: list[AnyRecord] = []
        self._request_written = False
        self._answered: RawHeaders | None = None
        self._stream: EventStream | None = None
        self._decoder: Decoder | None = None
        self._events = 0
        self.ended = False

    def request_head(
        self,
        *,
        method: str,
        url: str,
        http: str,
        headers: RawHeaders,
        wire_size: int | None = None,
    ) -> None:
        """Note the request line and the headers; `url` is absolute.

        With `wire_size` the data that follows has been decoded already, from so many bytes.
        """
        self._url = url
        self._request_headers = tuple(headers)
        self._ask = Ask.of(method, url, self._request_headers)
        redactor, moment = self._sink.redactor, self._sink.now()
        redacted_url, known = redactor.url(url), redactor.learnt
        redacted = redactor.headers(self._request_headers)
        if redactor.learnt != known:
            redacted_url = redactor.url(url)
        self._request_body = PassingBody(redacted, limit=self._sink.max_body, wire_size=wire_size)
        self._request = Request(
            at=moment.at,
            t=moment.t,
            exchange=self.exchange,
            connection=self.connection,
            method=redactor.text(method),
            url=redacted_url,
            http=http,
            headers=redacted,
            cause=self._sink.redirects.follow(self._ask, moment.t),
        )

    def request_data(self, chunk: bytes) -> None:
        """Note a part of the request's body."""
        if self._request_body is not None:
            self._request_body.feed(chunk)

    def request_end(self, trailers: RawHeaders = ()) -> None:
        """Write the request, and what waited for it."""
        self._end_request(trailers, ended=True)

    def _end_request(self, trailers: RawHeaders = (), *, ended: bool = False) -> None:
        if self._request_written or self._request is None:
            return
        self._request_written = True
        redactor, known = self._sink.redactor, self._sink.redactor.learnt
        record = _completed(self._request, self._request_body, trailers, redactor, ended)
        if redactor.learnt != known:  # what the body showed may stand in the head as well
            headers, url = redactor.headers(self._request_headers), redactor.url(self._url)
            record = replace(record, headers=headers, url=url)
        self._sink.emit(record, *self._waiting)
        self._waiting.clear()
        if self._answered is not None:
            self._finish("complete", None, self._answered)

    def response_head(
        self,
        *,
        status: int,
        reason: str,
        http: str,
        headers: RawHeaders,
        upstream: str | None = None,
        wire_size: int | None = None,
    ) -> None:
        """Note the status line and the headers; of an SSE stream, write them.

        With `wire_size` the data that follows has been decoded already, from so many bytes.
        """
        raw = self._response_headers = tuple(headers)
        redactor, moment = self._sink.redactor, self._sink.now()
        if self._ask is not None:
            self._sink.redirects.note(self.exchange, self._ask, status, raw, moment.t)
        redacted = redactor.headers(raw)
        body = PassingBody(redacted, limit=self._sink.max_body, wire_size=wire_size)
        stream = status == 200 and (body.media_type or "").lower().startswith("text/event-stream")
        self._response_body = body
        self._response = Response(
            at=moment.at,
            t=moment.t,
            exchange=self.exchange,
            connection=self.connection,
            upstream=upstream,
            status=status,
            reason=redactor.text(reason),
            http=http,
            headers=redacted,
            stream=stream,
        )
        if stream:
            self._stream = EventStream(self._sink.max_body + content.OVERLAP)
            self._emit(self._response)
            try:
                self._decoder = decoder(body.coding)
            except CodingError as error:
                self._sink.lost(f"the events of a stream: {error}", self.exchange)

    def response_data(self, chunk: bytes) -> None:
        """Note a part of the response's body; write the events that it completes."""
        if self._response_body is None:
            return
        if self._stream is None:
            self._response_body.feed(chunk)
        elif self._decoder is not None:
            try:
                for piece in _decoded(chunk, self._decoder):
                    for event in self._stream.feed(piece):
                        self._emit(self._event(event))
            except CodingError as error:
                self._decoder = None
                self._sink.lost(f"the rest of a stream: {error}", self.exchange)

    def response_end(self, trailers: RawHeaders = ()) -> None:
        """Write the response, unless it was a stream, and the end of the exchange.

        If the request has not ended, that waits for it.
        """
        if self._request_written:
            self._finish("complete", None, trailers)
        else:
            self._answered = trailers

    def failed(self, kind: ErrorKind, detail: str, peer: str | None = None) -> None:
        """Write that there was no response, and why."""
        if self.ended:
            return
        self.ended = True
        self._end_request()
        moment = self._sink.now()
        self._emit(
            Error(
                at=moment.at,
                t=moment.t,
                exchange=self.exchange,
                connection=self.connection,
                kind=kind,
                detail=self._sink.redactor.text(detail),
                peer=peer,
            )
        )

    def aborted(self, how: How, detail: str) -> None:
        """Write what had passed, and who broke off."""
        self._finish(how, self._sink.redactor.text(detail), ())

    @property
    def responded(self) -> bool:
        """Whether a response began."""
        return self._response is not None

    def _finish(self, how: How, detail: str | None, trailers: RawHeaders) -> None:
        if self.ended:
            if how != "complete":  # the answer came early, and the rest of the request never
                self._end_request()
            return
        self.ended = True
        if how != "complete":
            self._end_request()
        records: list[AnyRecord] = []
        if self._stream is not None:
            last = self._stream.close()
            if last is not None:
                records.append(self._event(last))
        elif self._response is not None:
            redactor, known = self._sink.redactor, self._sink.redactor.learnt
            ended = how == "complete"
            response = _completed(self._response, self._response_body, trailers, redactor, ended)
            if redactor.learnt != known:
                response = replace(response, headers=redactor.headers(self._response_headers))
            records.append(response)
        moment = self._sink.now()
        records.append(
            End(
                at=moment.at,
                t=moment.t,
                exchange=self.exchange,
                connection=self.connection,
                how=how,
                detail=detail,
                events=self._events,
                comments=self._stream.comments if self._stream else 0,
            )
        )
        self._emit(*records)

    def _emit(self, *records: AnyRecord) -> None:
        if self._request_written:
            self._sink.emit(*records)
        else:
            self._waiting.extend(records)

    def _event(self, event: ServerSentEvent) -> Event:
        moment = self._sink.now()
        index = self._events
        self._events += 1
        return Event(
            at=moment.at,
            t=moment.t,
            exchange=self.exchange,
            connection=self.connection,
            index=index,
            event=self._short(event.event),
            id=self._short(event.id),
            retry=self._short(event.retry),
            data=self._data(event),
            comments=event.comments,
            incomplete=event.incomplete,
            size=event.size,
        )

    def _data(self, event: ServerSentEvent) -> Content | None:
        if event.data is None:
            return None
        return content.recorded(
            event.data,
            media_type=None,
            limit=self._sink.max_body,
            whole=not event.cut,
            ended=not event.incomplete,
            redactor=self._sink.redactor,
        )

    def _short(self, value: bytes | None) -> str | None:
        if value is None:
            return None
        return self._sink.redactor.text(value.decode("utf-8", "replace"))


def _completed[M: Request | Response](
    message: M, body: PassingBody | None, trailers: RawHeaders, redactor: Redactor, ended: bool
) -> M:
    """Give a message with what came after its head."""
    recorded = body.record(redactor, ended=ended) if body else None
    return replace(message, body=recorded, trailers=redactor.headers(trailers))


def _decoded(chunk: bytes, decoder: Decoder) -> Iterator[bytes]:
    size = 0
    for piece in decoder.feed(chunk):
        size += len(piece)
        if size > _MOST_DECODED:
            raise CodingError(f"{len(chunk)} bytes decode to more than {_MOST_DECODED >> 20} MiB")
        yield piece
