"""What another tool captured, played through the recorder as if it passed now.

Exchanges overlap, and a file may hold them in any order. They are played step by step in the order
of time, so that numbers, redirects and streams come out as they do with live traffic.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import heappop, heappush
from typing import Annotated

from msgspec import Meta, Struct

from wiretape.recorder.capture.clock import Moment
from wiretape.recorder.capture.failures import broke_off
from wiretape.recorder.capture.recorder import Recorder

type RawHeaders = tuple[tuple[bytes, bytes], ...]

type Chunk = tuple[datetime, bytes]
"""A part of a body and the time at which it had passed."""

type Steps = Iterator[datetime]
"""An exchange under way. Each step gives the time of the next; at that time the next is due."""


class Message(Struct, frozen=True, kw_only=True):
    """What requests and responses have in common.

    `chunks` is the body; with `wire_size` it is decoded already, from so many bytes. `missing` says
    what the source does not hold of it.
    """

    http: str
    headers: RawHeaders
    chunks: tuple[Chunk, ...] = ()
    trailers: RawHeaders = ()
    wire_size: int | None = None
    missing: str | None = None


class Reply(Message, frozen=True, kw_only=True):
    """A response, whose head came at `at`."""

    at: datetime
    status: Annotated[int, Meta(ge=0, le=999)]
    reason: str
    upstream: str | None = None


class Captured(Struct, frozen=True, kw_only=True):
    """One exchange, its times in UTC. `error` says in the source's words why it broke off."""

    connection: str
    start: datetime
    method: str
    url: str
    request: Message
    reply: Reply | None
    end: datetime
    error: str | None
    peer: str = ""

    def steps(self, recorder: Recorder) -> Steps:
        """Play it to a tap."""
        tap = recorder.exchange(self.connection)
        tap.request_head(
            method=_well_formed(self.method),
            url=_well_formed(self.url),
            http=_well_formed(self.request.http),
            headers=self.request.headers,
            wire_size=self.request.wire_size,
        )
        for at, chunk in self.request.chunks:
            yield at
            tap.request_data(chunk)
        tap.request_end(self.request.trailers)
        if self.request.missing:
            recorder.lost(self.request.missing, tap.exchange)
        if self.reply:
            yield self.reply.at
            tap.response_head(
                status=self.reply.status,
                reason=_well_formed(self.reply.reason),
                http=_well_formed(self.reply.http),
                headers=self.reply.headers,
                upstream=self.reply.upstream,
                wire_size=self.reply.wire_size,
            )
            for at, chunk in self.reply.chunks:
                yield at
                tap.response_data(chunk)
            if self.reply.missing:
                recorder.lost(self.reply.missing, tap.exchange)
        yield self.end
        if self.error:
            broke_off(tap, _well_formed(self.error), _well_formed(self.peer))
        elif self.reply:
            tap.response_end(self.reply.trailers)
        else:
            tap.aborted("error", "no response, and the source does not say why")


class SourceClock:
    """Shows the times of the source; it never goes back."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self._at = start

    def show(self, at: datetime) -> None:
        """Advance to this time, unless it is past."""
        self._at = max(self._at, at)

    def now(self) -> Moment:
        """Tell the time."""
        return Moment(self._at, (self._at - self.start).total_seconds())


def play(exchanges: Iterable[tuple[datetime, Steps]], clock: SourceClock) -> None:
    """Play exchanges, given in the order of their starts, each step when the clock has its time."""
    under_way: list[tuple[datetime, int, Steps]] = []

    def play_until(limit: datetime | None) -> None:
        while under_way and (limit is None or under_way[0][0] <= limit):
            at, order, steps = heappop(under_way)
            clock.show(at)
            due = next(steps, None)
            if due is not None:
                heappush(under_way, (max(at, due), order, steps))

    for order, (start, steps) in enumerate(exchanges):
        play_until(start)
        heappush(under_way, (start, order, steps))
    play_until(None)


def _well_formed(text: str) -> str:
    """Replace halves of surrogate pairs, which Python and JSON can hold and UTF-8 cannot."""
    return text.encode(errors="replace").decode()
