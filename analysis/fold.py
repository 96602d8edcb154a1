"""One pass over a recording: from its lines to the facts of all observers.

The pass can be split. A part that does not begin the recording is folded by itself and keeps, in
order, whatever needs what came before it (`_later`); merging with what came before does that work.
So merging is associative, and any split of a consistent recording gives the same facts.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any, NamedTuple

from wiretape.analysis.conversation import Conversation
from wiretape.analysis.facts import Fact, Facts, Place, Point
from wiretape.analysis.observer import Observer
from wiretape.analysis.repeats import Observe, Repeats
from wiretape.analysis.seen import ASPECTS, Seen
from wiretape.analysis.turns import Matching, Note, Turn, Waiting
from wiretape.recorder.log.records import End, Entry, Error, Event, Gap, Mark, Request, Response

_APART = (Mark, Gap)
_PROBE = "probe"
_BOUND = {"_observers", "_routing", "_turning", "_failing", "_kinds", "_tokens", "_turns"}

type Observers = Mapping[str, Observer[Any]]


class _Watching[Thing]:
    """Who is to be told of each thing, and who only while there is something to learn."""

    def __init__(
        self, observers: Iterable[tuple[Facts, Observer[Any], Callable[[Thing], Iterable[Fact]]]]
    ) -> None:
        self.each: list[Observe[Thing]] = []
        self.by_kind: list[Observe[Thing]] = []
        self.by_token: list[Observe[Thing]] = []
        wanted = {"never": self.each, "kind": self.by_kind, "token": self.by_token}
        for facts, observer, observe in observers:
            wanted[observer.repeats].append((facts, observe))


class _Later(NamedTuple):
    """What a part could not do by itself, and on which line that was."""

    line: int
    what: Entry | Waiting | Note


class Fold:
    """Folds the lines of a recording, or of a part of it, into facts.

    `recording` is its index among those analysed; `head` says whether the lines begin it. `strays`
    are records of exchanges whose request is not in the recording; `lost` what its gaps count.
    `probe` is what the last mark of the probe as a whole says, if there is one.
    """

    def __init__(self, observers: Observers, recording: int, *, head: bool = True) -> None:
        self.facts = {name: Facts() for name in observers}
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
        self.bind(observers)

    def bind(self, observers: Observers) -> None:
        """Let these observers watch from now on; they are not pickled with what they saw."""
        self._observers = observers
        self._routing: dict[tuple[bool, ...], _Watching[Seen]] = {}
        self._turning = _Watching(
            (self.facts[name], observer, observer.turn)
            for name, observer in observers.items()
            if observer.turn is not None
        )
        self._kinds = Repeats[Seen]()
        self._tokens = Repeats[Seen]()
        self._turns = Repeats[Turn]()
        self._failing: list[Observe[Error]] = [
            (self.facts[name], observer.error)
            for name, observer in observers.items()
            if observer.error is not None
        ]

    def __getstate__(self) -> dict[str, Any]:
        self._settle()
        return {name: value for name, value in self.__dict__.items() if name not in _BOUND}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        self.bind({})

    def merge(self, after: "Fold") -> None:
        """Take over what a fold of the lines that follow has seen; it is used up."""
        for name, facts in after.facts.items():
            self.facts[name].merge(facts)
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
            self._turn(turn)
        self._settle()

    def add(self, number: int, record: Entry) -> None:
        """Take the record of the next line, with the line's number."""
        self.records += 1
        point = Point(Place(self._recording, number), record.at, record.t)
        if isinstance(record, _APART) or record.exchange is None:
            self._apart(record, point)
            return
        opened = self._open.get(record.exchange)
        if opened is None:
            self._unknown(record, number, point)
        elif isinstance(record, Event):
            self._hear(opened.event(record, point), number)
        elif isinstance(record, Response) and opened.seen.response is None:
            self._hear(opened.respond(record, point), number)
        elif isinstance(record, End | Error):
            opened.seen.last, opened.seen.ended = record, point
            del self._open[opened.seen.request.exchange]
            self._end(opened, number)
        else:
            self.strays += 1

    def _apart(self, record: Entry, point: Point) -> None:
        """Take a record that belongs to no exchange."""
        if isinstance(record, Gap):
            self.lost += record.lost
        elif isinstance(record, Mark):
            self.probe = record.detail if record.name == _PROBE else self.probe
        elif isinstance(record, Error):
            for facts, observe in self._failing:
                for fact in observe(record):
                    facts.add(fact, point)

    def _unknown(self, record: Entry, number: int, point: Point) -> None:
        """Take a record whose exchange is not open."""
        if isinstance(record, Request):
            opened = self._open[record.exchange] = Conversation(Seen(record, point))
            self._hear(opened.begin(), number)
        elif self._head:
            self.strays += 1
        else:
            self._later.append(_Later(number, record))

    def _settle(self) -> None:
        for repeats in (self._kinds, self._tokens, self._turns):
            repeats.settle()

    def _end(self, conversation: Conversation, line: int) -> None:
        self._hear(conversation.end(), line)
        self.exchanges += 1
        seen = conversation.seen
        aspects = seen.aspects()
        routed = self._routing.get(aspects)
        if routed is None:
            names = {name for name, there in zip(ASPECTS, aspects, strict=True) if there}
            routed = self._routing[aspects] = _Watching(
                (self.facts[name], observer, observer.exchange)
                for name, observer in self._observers.items()
                if observer.exchange is not None and not names.isdisjoint(observer.wants)
            )
        point = seen.point
        for facts, observe in routed.each:
            for fact in observe(seen):
                facts.add(fact, point)
        points = (point, seen.ended or point, seen.asked)
        kind = seen.kind(aspects)
        self._kinds.tell(seen, kind, points, routed.by_kind)
        if routed.by_token:
            told_of = (kind, seen.bearer, seen.given.get("mcp-session-id"))
            known_as = None if kind is None else told_of
            self._tokens.tell(seen, known_as, points, routed.by_token)

    def _hear(self, said: Iterable[Turn | Waiting | Note], line: int) -> None:
        for what in said:
            if isinstance(what, Turn):
                self._turn(what)
            else:
                self._match(line, what)

    def _match(self, line: int, what: Waiting | Note) -> None:
        if not self._head:
            self._later.append(_Later(line, what))
        elif turn := self._matching.add(what):
            self._turn(turn)

    def _turn(self, turn: Turn) -> None:
        point = turn.point
        for facts, observe in chain(self._turning.each, self._turning.by_token):
            for fact in observe(turn):
                facts.add(fact, point)
        self._turns.tell(turn, turn.kind, (point, turn.asked), self._turning.by_kind)
