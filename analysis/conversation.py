"""The JSON-RPC side of one exchange: what the client said, and what came back in it."""

from collections.abc import Iterable

from wiretape.analysis.facts import Point
from wiretape.analysis.seen import SHORT, Garbled, Seen, Stream, rpc
from wiretape.analysis.turns import Key, Note, Outcome, Side, Turn, Waiting, Way, answered
from wiretape.recorder.log.jsonrpc import (
    Call,
    Failure,
    Id,
    Malformed,
    Message,
    Notification,
    Result,
    messages,
)
from wiretape.recorder.log.records import Event, Response
from wiretape.recorder.log.urls import join

_NAMES = 16
"""How many names of events and garbled messages are kept."""

type Said = Iterable[Turn | Waiting | Note]


class Conversation:
    """An open exchange; gives turns as they complete, and what waits for another exchange."""

    __slots__ = ("_address", "_notes", "_pending", "seen")

    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        self._pending: dict[Id, Call] = {}
        self._notes: list[Notification] = []
        self._address: str | None = None

    def begin(self) -> Said:
        """Read what the client said."""
        return self._said() if self.seen.said else ()

    def _said(self) -> Said:
        for message in self.seen.said:
            match message:
                case Call():
                    self._pending[message.id] = message
                case Notification():
                    self._notes.append(message)
                    note = self._turn(message, "notified")
                    yield Note(self._channel, note, self.seen.asked)
                case Result() | Failure() if message.id is not None:
                    key = Key("server", self._channel, message.id)
                    yield Waiting(key, message, self.seen.asked)
                case Malformed():
                    self._garbled("client", message, self.seen.asked)

    def respond(self, response: Response, point: Point) -> Said:
        """Take the response."""
        self.seen.answer(response, point)
        answers = rpc(response.body)
        return self._answered(answers, response.status, point) if answers else ()

    def event(self, event: Event, point: Point) -> Said:
        """Take an event of the stream."""
        stream = self.seen.stream
        if stream is None:
            return
        _count(stream, event, point, self.seen)
        if event.event == "endpoint" and stream.events == 1:
            self._address = join(self.seen.url, stream.first_data or "")
        for message in messages(event.data):
            yield from self._heard(message, point, "stream")

    def end(self) -> Said:
        """Tell what became of what is left, now that the exchange has ended."""
        return self._left() if self._pending or self._notes else ()

    def _left(self) -> Said:
        seen = self.seen
        status = seen.status or 0
        if 300 <= status < 400:
            return  # said again where the redirect leads
        for note in self._notes:
            yield self._turn(note, "notified", seen.point)
        for call in self._pending.values():
            turn = self._turn(call, "unanswered", seen.ended)
            if 200 <= status < 300:
                yield Waiting(Key("client", self._channel, call.id), turn, seen.asked)
            else:
                yield turn

    def _answered(self, answers: Iterable[Message], status: int, point: Point) -> Said:
        for message in answers:
            if status >= 400 and isinstance(message, Failure):
                yield from self._refused(message, point)
            else:
                yield from self._heard(message, point, "body")

    def _heard(self, message: Message, point: Point, over: Way) -> Said:
        match message:
            case Result() | Failure() if message.id in self._pending:
                call = self._pending.pop(message.id)
                yield answered(self._turn(call, "unanswered"), message, point, over)
            case Result() | Failure() if message.id is not None:
                yield Waiting(Key("client", self._channel, message.id), message, point)
            case Failure():
                yield Note(self._channel, message, point)
            case Call():
                if message.method == "ping" and self.seen.stream is not None:
                    self.seen.stream.pings += 1
                turn = self._turn(message, "unanswered", by="server", asked=point)
                yield Waiting(Key("server", self._channel, message.id), turn, point)
            case Notification():
                yield self._turn(message, "notified", by="server", asked=point)
            case Malformed():
                self._garbled("server", message, point)

    def _garbled(self, by: Side, message: Malformed, point: Point) -> None:
        if len(self.seen.garbled) < _NAMES:
            self.seen.garbled += (Garbled(by, message.why, point),)

    def _refused(self, failure: Failure, point: Point) -> Said:
        """An error with an HTTP error speaks of the whole request, whatever its id."""
        said: Iterable[Call | Notification] = [*self._pending.values(), *self._notes]
        self._pending.clear()
        self._notes.clear()
        for message in said:
            yield answered(self._turn(message, "unanswered"), failure, point, "body")

    @property
    def _channel(self) -> str:
        return self._address or self.seen.session or self.seen.url

    def _turn(
        self,
        message: Call | Notification,
        outcome: Outcome,
        answered: Point | None = None,
        *,
        by: Side = "client",
        asked: Point | None = None,
    ) -> Turn:
        seen = self.seen
        return Turn(
            by=by,
            method=message.method,
            params=message.params,
            client=seen.client,
            route=seen.route,
            channel=self._channel,
            revision=seen.sent.get("mcp-protocol-version"),
            asked=asked or seen.asked,
            outcome=outcome,
            answered=answered,
            status=seen.status,
        )


def _count(stream: Stream, event: Event, point: Point, seen: Seen) -> None:
    before = stream.last or seen.answered
    if before is not None and point.t - before.t > stream.quiet:
        stream.quiet, stream.quiet_comments = point.t - before.t, event.comments
    if stream.first is None:
        stream.first = point
        stream.first_name = event.event
        stream.first_data = event.data.text[:SHORT] if event.data and event.data.text else None
    stream.last = point
    stream.events += 1
    stream.comments += event.comments
    stream.with_id += event.id is not None
    stream.retry = event.retry or stream.retry
    stream.incomplete = stream.incomplete or event.incomplete
    name = event.event or "message"
    if name in stream.names or len(stream.names) < _NAMES:
        stream.names[name] = stream.names.get(name, 0) + 1
