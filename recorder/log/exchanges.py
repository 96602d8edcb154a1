"""Folds records into exchanges: a request with its response, its stream's events, and its end.

The recorder writes of one exchange, in this order, with anything of other exchanges in between:

    request, error                     or     request, [response, [event…]], end

`end` and `error` close an exchange, so memory holds only the open ones.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from msgspec import Struct

from wiretape.recorder.log.reader import Line
from wiretape.recorder.log.records import End, Error, Event, Gap, Header, Mark, Request, Response


class Lines(Struct, frozen=True, kw_only=True):
    """The numbers of the lines that an exchange was read from, as evidence."""

    request: int
    response: int | None = None
    events: tuple[int, ...] = ()
    last: int | None = None


class Exchange(Struct, frozen=True, kw_only=True):
    """A request and what became of it.

    `last` is how it ended; without it the recording ends before the exchange does. A redirect's
    target has the number of the redirecting exchange in `request.cause`.
    """

    request: Request
    response: Response | None = None
    events: tuple[Event, ...] = ()
    last: End | Error | None = None
    lines: Lines

    @property
    def number(self) -> int:
        """The number that this exchange has in its recording."""
        return self.request.exchange

    @property
    def status(self) -> int | None:
        """The response's status, if there was a response."""
        return None if self.response is None else self.response.status

    @property
    def complete(self) -> bool:
        """Whether it came to its proper end."""
        return isinstance(self.last, End) and self.last.how == "complete"


class Fold:
    """Takes lines in their order and gives each exchange as it ends.

    With `keep_events=False` exchanges come without their events, for whoever looks at the events
    in the lines as they come: memory then does not grow with the length of a stream. `strays`
    counts records of exchanges whose request is not in the recording (a `gap` says why).
    """

    def __init__(self, *, keep_events: bool = True) -> None:
        self.strays = 0
        self._keep_events = keep_events
        self._open: dict[int, _Open] = {}

    def add(self, line: Line) -> Exchange | None:
        """Take the next line; gives the exchange that it ends, if it ends one."""
        number, record = line
        if isinstance(record, Mark | Gap) or record.exchange is None:
            return None
        opened = self._open.get(record.exchange)
        match record:
            case Request() if opened is None:
                self._open[record.exchange] = _Open(record, number)
            case Response() if opened and opened.response is None:
                opened.response, opened.response_line = record, number
            case Event() if opened and self._keep_events:
                opened.events.append(record)
                opened.event_lines.append(number)
            case Event() if opened:
                pass
            case End() | Error() if opened:
                del self._open[record.exchange]
                return opened.close(record, number)
            case _:
                self.strays += 1
        return None

    def unfinished(self) -> Iterator[Exchange]:
        """Give what has not ended, when there are no more lines."""
        while self._open:
            yield self._open.pop(next(iter(self._open))).close(None, None)


@dataclass
class _Open:
    """An exchange that has not ended."""

    request: Request
    request_line: int
    response: Response | None = None
    response_line: int | None = None
    events: list[Event] = field(default_factory=list)
    event_lines: list[int] = field(default_factory=list)

    def close(self, last: End | Error | None, line: int | None) -> Exchange:
        """Give the exchange, ended by the record on that line if any."""
        return Exchange(
            request=self.request,
            response=self.response,
            events=tuple(self.events),
            last=last,
            lines=Lines(
                request=self.request_line,
                response=self.response_line,
                events=tuple(self.event_lines),
                last=line,
            ),
        )


def exchanges(lines: Iterable[Line]) -> Iterator[Exchange]:
    """Give each exchange when it ends, and those that never do in the end."""
    fold = Fold()
    for line in lines:
        if exchange := fold.add(line):
            yield exchange
    yield from fold.unfinished()


def header(headers: Iterable[Header], name: str) -> str | None:
    """Give the first value of the header with that lower-case name."""
    return next((value for key, value in headers if key.lower() == name), None)


type Hops = tuple[Exchange, ...]
"""What a client asked: first its request, then each redirect that it followed."""


def hops(exchanges: Iterable[Exchange]) -> list[Hops]:
    """Join redirects, in the order of the first requests' lines."""
    chains: list[list[Exchange]] = []
    ends: dict[int, list[Exchange]] = {}
    for exchange in sorted(exchanges, key=lambda exchange: exchange.lines.request):
        cause = exchange.request.cause
        chain = None if cause is None else ends.pop(cause, None)
        if chain is None:
            chains.append(chain := [])
        chain.append(exchange)
        ends[exchange.number] = chain
    return [tuple(chain) for chain in chains]
