"""One pass over a recording: from its lines to the facts of all observers.

The pass can be split. A part that does not begin the recording is folded by itself and keeps, in
order, whatever needs what came before it (`_later`); merging with what came before does that work.
So merging is associative, and any split of a consistent recording gives the same facts.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from wiretape.analysis.facts import Point
from wiretape.analysis.folding.audience import Audience
from wiretape.analysis.traffic.conversation import Conversation
from wiretape.analysis.traffic.seen import Seen
from wiretape.analysis.traffic.turns import Matching, Note, Turn, Waiting
from wiretape.recorder.log.records import End, Entry, Error, Event, Gap, Mark, Request, Response

_PROBE = "probe"


class _Later(NamedTuple):
    """What a part could not do by itself, and on which line that was."""

    line: int
    what: Entry | Waiting | Note


class Fold:
    """Folds the lines of a recording, or of a part of it, and tells an audience what is in them.

    `recording` is its index among those analysed; `head` says whether the lines begin it. `strays`
    are records of exchanges whose request is not in the recording; `lost` what its gaps count.
    `probe` is what the last mark of the probe as a whole says, if there is one.
    """

    def __init__(self, audience: Audience, recording: int, *, head: bool = True) -> None:
        self.records = 0
        self.exchanges = 0
        self.strays = 0
        self.lost = 0
        self.probe: str | None = None
        self._recording = recording
        self._head = head
        self._open: dict[int, Conversation] = {}
        self._matching = Matching()
        self._later: list[_Later] = []
        self.bind(audience)

    def bind(self, audience: Audience) -> None:
        """Tell this one from now on: an audience stays where it is when a fold is pickled."""
        self._audience = audience

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_audience"}

    def merge(self, after: "Fold") -> None:
        """Take over a fold of the lines that follow, which is used up."""
        for line, what in after._later:
            if isinstance(what, Waiting | Note):
                self._match(line, what)
            else:
                self.add(line, what)
                self.records -= 1
        self._open |= after._open
        self.records += after.records
        self.exchanges += after.exchanges
        self.strays += after.strays
        self.lost += after.lost
        self.probe = after.probe or self.probe

    def finish(self) -> None:
        """Conclude what is still open, when there are no more lines."""
        for conversation in list(self._open.values()):
            self._end(conversation, 0)
        self._open.clear()
        for turn in self._matching.rest():
            self._audience.turn(turn)

    def add(self, number: int, record: Entry) -> None:
        """Take the record of the next line, with the line's number."""
        self.records += 1
        point = Point(self._recording, number, record.at, record.t)
        _TAKEN[type(record)](self, record, point)

    def _take_request(self, record: Request, point: Point) -> None:
        """Take a request."""
        if record.exchange in self._open:
            self.strays += 1
            return
        opened = self._open[record.exchange] = Conversation(Seen(record, point))
        if opened.seen.said:
            self._hear(opened.begin(), point.line)

    def _take_response(self, record: Response, point: Point) -> None:
        """Take a response."""
        opened = self._open.get(record.exchange)
        if opened is None:
            self._unknown(record, point)
        elif opened.seen.response is None:
            self._hear(opened.respond(record, point), point.line)
        else:
            self.strays += 1

    def _take_event(self, record: Event, point: Point) -> None:
        """Take an event of a stream."""
        opened = self._open.get(record.exchange)
        if opened is None:
            self._unknown(record, point)
        else:
            self._hear(opened.event(record, point), point.line)

    def _take_end(self, record: End | Error, point: Point) -> None:
        """Take the end of an exchange, or a failure to connect on which no request was seen."""
        if record.exchange is None:
            if isinstance(record, Error):
                self._audience.error(record, point)
            return
        opened = self._open.pop(record.exchange, None)
        if opened is None:
            self._unknown(record, point)
        else:
            opened.seen.last, opened.seen.ended = record, point
            self._end(opened, point.line)

    def _take_gap(self, record: Gap, _: Point) -> None:
        """Take note of what is missing."""
        self.lost += record.lost

    def _take_mark(self, record: Mark, _: Point) -> None:
        """Take a mark, which tells nothing of the traffic."""
        if record.name == _PROBE:
            self.probe = record.detail

    def _unknown(self, record: Entry, point: Point) -> None:
        """Take a record whose exchange is not open."""
        if self._head:
            self.strays += 1
        else:
            self._later.append(_Later(point.line, record))

    def _end(self, conversation: Conversation, line: int) -> None:
        self._hear(conversation.end(), line)
        self.exchanges += 1
        self._audience.exchange(conversation.seen)

    def _hear(self, said: Iterable[Turn | Waiting | Note], line: int) -> None:
        for what in said:
            if isinstance(what, Turn):
                self._audience.turn(what)
            else:
                self._match(line, what)

    def _match(self, line: int, what: Waiting | Note) -> None:
        if not self._head:
            self._later.append(_Later(line, what))
        elif turn := self._matching.add(what):
            self._audience.turn(turn)


# With msgspec's classes `isinstance` takes ten times as long as this.
_TAKEN: dict[type[Entry], Callable[[Fold, Any, Point], None]] = {
    Request: Fold._take_request,
    Response: Fold._take_response,
    Event: Fold._take_event,
    End: Fold._take_end,
    Error: Fold._take_end,
    Gap: Fold._take_gap,
    Mark: Fold._take_mark,
}
