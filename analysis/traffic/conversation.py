"""The JSON-RPC side of one exchange: what the client said, and what came back in it."""

from collections.abc import Iterable, Sequence

from wiretape.analysis.facts import Point
from wiretape.analysis.traffic.seen import SHORT, Garbled, Seen, Stream
from wiretape.analysis.traffic.turns import Key, Note, Outcome, Side, Turn, Waiting, Way, answered
from wiretape.recorder.log.jsonrpc import (
    Call,
    Failure,
    Id,
    Malformed,
    Message,
    Notification,
    Result,
    messages,
    spoken,
)
from wiretape.recorder.log.records import Event, Response
from wiretape.recorder.log.urls import join

_NAMES = 16
"""How many names of events and garbled messages are kept."""

type Said = Sequence[Turn | Waiting | Note]


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
        given: list[Waiting | Note] = []
        for message in self.seen.said:
            match message:
                case Call():
                    self._pending[message.id] = message
                case Notification():
                    self._notes.append(message)
                    note = self._turn(message, "notified")
                    given.append(Note(self._channel, note, self.seen.asked))
                case Result() | Failure() if message.id is not None:
                    key = Key("server", self._channel, message.id)
                    given.append(Waiting(key, message, self.seen.asked))
                case Malformed():
                    self._garbled("client", message, self.seen.asked)
        return given

    def respond(self, response: Response, point: Point) -> Said:
        """Take the response."""
        self.seen.answer(response, point)
        given: list[Turn | Waiting | Note] = []
        for message in spoken(response.body):
            if response.status >= 400 and isinstance(message, Failure):
                given += self._refused(message, point)
            else:
                given += self._heard(message, point, "body")
        return given

    def event(self, event: Event, point: Point) -> Said:
        """Take an event of the stream."""
        stream = self.seen.stream
        if stream is None:
            return ()
        _count(stream, event, point, self.seen)
        if event.event == "endpoint" and stream.events == 1:
            self._address = join(self.seen.url, stream.first_data or "")
        given: list[Turn | Waiting | Note] = []
        for message in messages(event.data):
            given += self._heard(message, point, "stream")
        return given

    def end(self) -> Said:
        """Tell what became of what is left, now that the exchange has ended."""
        if not self._notes and not self._pending:
            return ()
        seen = self.seen
        status = seen.status or 0
        if 300 <= status < 400:
            return ()  # said again where the redirect leads
        told = [self._turn(note, "notified", seen.point) for note in self._notes]
        left = [self._turn(call, "unanswered", seen.ended) for call in self._pending.values()]
        if not 200 <= status < 300:
            return [*told, *left]
        keys = [Key("client", self._channel, number) for number in self._pending]
        waiting = [Waiting(key, turn, seen.asked) for key, turn in zip(keys, left, strict=True)]
        return [*told, *waiting]

    def _heard(self, message: Message, point: Point, over: Way) -> Said:
        match message:
            case Result() | Failure() if message.id in self._pending:
                call = self._pending.pop(message.id)
                return (answered(self._turn(call, "unanswered"), message, point, over),)
            case Result() | Failure() if message.id is not None:
                return (Waiting(Key("client", self._channel, message.id), message, point),)
            case Failure():
                return (Note(self._channel, message, point),)
            case Call():
                if message.method == "ping" and self.seen.stream is not None:
                    self.seen.stream.pings += 1
                turn = self._turn(message, "unanswered", by="server", asked=point)
                return (Waiting(Key("server", self._channel, message.id), turn, point),)
            case Notification():
                return (self._turn(message, "notified", by="server", asked=point),)
            case Malformed():
                self._garbled("server", message, point)
        return ()

    def _garbled(self, by: Side, message: Malformed, point: Point) -> None:
        if len(self.seen.garbled) < _NAMES:
            self.seen.garbled += (Garbled(by, message.why, point),)

    def _refused(self, failure: Failure, point: Point) -> Said:
        """An error with an HTTP error speaks of the whole request, whatever its id."""
        said: Iterable[Call | Notification] = [*self._pending.values(), *self._notes]
        self._pending.clear()
        self._notes.clear()
        return [answered(self._turn(each, "unanswered"), failure, point, "body") for each in said]

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
