"""What the records of a recording must agree on, checked line by line.

Where a `gap` has said that records were lost, records that lack another are no surprise. Memory
holds the exchanges under way, so it does not grow with the length of a recording.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.reader import Line
from wiretape.recorder.log.records import (
    Body,
    Content,
    End,
    Error,
    Event,
    Gap,
    Mark,
    Request,
    Response,
    digest,
)


class Disagreement(NamedTuple):
    """What is wrong, and on which line. `serious` if no recorder would ever write that."""

    line: int
    what: str
    serious: bool = True


class Consistency:
    """Takes the lines of one recording in their order."""

    def __init__(self) -> None:
        self._open: dict[int, _Exchange] = {}
        self._begun = _Numbers()
        self._gaps = False
        self._last = 1

    def see(self, line: Line) -> Iterator[Disagreement]:
        """Give what is wrong with the next line."""
        self._last, record = line
        self._gaps |= isinstance(record, Gap)
        if isinstance(record, Gap | Mark):
            return
        for what in (*self._order(line), *_contents(record)):
            yield Disagreement(line.number, what)

    def close(self) -> Iterator[Disagreement]:
        """Give what is wrong in the end, as it is after a crash."""
        for number, exchange in self._open.items():
            yield Disagreement(exchange.line, f"exchange {number} does not end", serious=False)
        missing = self._begun.missing()
        if missing and not self._gaps:
            what = f"exchange {missing} is not in the recording"
            yield Disagreement(self._last, what, serious=False)

    def _order(self, line: Line) -> Iterator[str]:
        record = line.record
        assert not isinstance(record, Gap | Mark)
        number = record.exchange
        if isinstance(record, Request):
            yield from self._begin(line.number, record)
        elif number is None:  # a failure before any request
            return
        elif number in self._open:
            yield from self._open[number].see(record, gaps=self._gaps)
            if isinstance(record, End | Error):
                del self._open[number]
        elif number in self._begun:
            yield f"{_name(record)} of exchange {number} after its end"
        elif not self._gaps:
            yield f"{_name(record)} of exchange {number} without its request"

    def _begin(self, line: int, record: Request) -> Iterator[str]:
        number = record.exchange
        if number < 1:
            yield f"exchanges count from 1, and this is number {number}"
        elif number in self._begun:
            yield f"exchange {number} begins once more"
        else:
            self._begun.add(number)
            self._open[number] = _Exchange(line, record.t)
        if record.cause is not None and not 0 < record.cause < number:
            yield f"exchange {number} cannot be caused by exchange {record.cause}"


@dataclass
class _Exchange:
    """An exchange under way."""

    line: int
    t: float
    response: Response | None = None
    events: int = 0

    def see(self, record: Request | Response | Event | End | Error, *, gaps: bool) -> Iterator[str]:
        """Give what is wrong with the exchange's next record."""
        if record.t < self.t:
            yield f"{_name(record)} of an earlier time than what stands before it"
        self.t = max(self.t, record.t)
        match record:
            case Response():
                if self.response:
                    yield "a second response"
                self.response = record
            case Event(index=index):
                if self.response and not self.response.stream:
                    yield "an event in a response that is no stream"
                if not gaps and not self.response:
                    yield "an event before the response"
                if not gaps and index != self.events:
                    yield f"event {index} where event {self.events} is due"
                self.events = index + 1
            case End(events=events) if not gaps and events != self.events:
                yield f"the exchange ends after {counted(events, 'event')}, but has {self.events}"
            case Error() if self.response:
                yield "no response, says the error, and there is one"


class _Numbers:
    """The numbers 1, 2, 3 …, as they come up: only those out of turn take up memory."""

    def __init__(self) -> None:
        self._next = 1
        self._later: set[int] = set()

    def __contains__(self, number: int) -> bool:
        return 0 < number < self._next or number in self._later

    def add(self, number: int) -> None:
        self._later.add(number)
        while self._next in self._later:
            self._later.remove(self._next)
            self._next += 1

    def missing(self) -> int | None:
        """Give the first number that was left out."""
        return self._next if self._later else None


def _contents(record: Request | Response | Event | End | Error) -> Iterator[str]:
    match record:
        case Event(data=Content() as data):
            yield from _content(data)
        case (
            Request(body=body, headers=headers, trailers=trailers)
            | Response(body=body, headers=headers, trailers=trailers)
        ):
            if body is not None:
                yield from _content(body)
            for name, value in (*headers, *trailers):
                if max(name + value, default="") > "\xff":
                    yield "a header has characters that are not ISO-8859-1"


def _content(content: Content) -> Iterator[str]:
    try:
        found = digest(content.data())
    except ValueError:
        yield "Base64 that cannot be read"
        return
    if isinstance(content, Body) and content.sha256 != found:
        yield "the body has another sha256 than it says"


def _name(record: Request | Response | Event | End | Error) -> str:
    kind = type(record).__name__.lower()
    return f"{'an' if kind[0] == 'e' else 'a'} {kind}"
