"""A stream of events: a core puts messages in, whoever carries it takes chunks of bytes out."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Hashable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import count
from math import inf
from typing import NamedTuple

from wiretape.recorder.wire.sse import serialised
from wiretape.replay.clock import Clock
from wiretape.replay.http.messages import LostError

COMMENT = b": keep-alive\n\n"

_MOST = 10_000
"""Events that wait for a reader; beyond that the oldest are lost."""
_KEPT = 256
"""Events that were read and can be asked for again."""
_DIGITS = 18


@dataclass(frozen=True)
class Pace:
    """What a stream does besides its messages; times in seconds.

    `keepalive`: how long it says nothing. It is cut off at an `age`, or after a `silence`, in which
    there were no keep-alives either; it `breaks` then, if it does not end as it should. `retry`, in
    milliseconds, is when to connect again.
    """

    keepalive: float | None = None
    age: float | None = None
    silence: float | None = None
    breaks: bool = False
    retry: int | None = None


class _Later(NamedTuple):
    """An event that is not yet due; `order` decides between those of one moment."""

    at: float
    order: int
    event: bytes
    about: Hashable


class Stream:
    """A mailbox with one reader at a time, in one event loop.

    With a `name` its events have ids, and can be read again from any of them that is still kept;
    `primes`: each reader is told an id at once. `sign` makes a keep-alive, `gone` is called when
    the last reader leaves.
    """

    def __init__(
        self,
        clock: Clock,
        pace: Pace,
        gone: Callable[[], object] = lambda: None,
        *,
        name: str | None = None,
        primes: bool = False,
        sign: Callable[[], bytes] = lambda: COMMENT,
    ) -> None:
        self.name = name
        self._clock = clock
        self._pace = pace
        self._gone = gone
        self._primes = primes
        self._sign = sign
        self._waiting: deque[bytes] = deque(maxlen=_MOST)
        self._again: deque[tuple[int, bytes]] = deque()
        self._kept: deque[tuple[int, bytes]] = deque(maxlen=_KEPT)
        self._later: list[_Later] = []
        self._order = count()
        self._last = 0
        self._readers = 0
        self._reader: int | None = None
        self._news = asyncio.Event()
        self._ended = False

    @property
    def is_read(self) -> bool:
        """Tell whether somebody reads."""
        return self._reader is not None

    @property
    def is_ended(self) -> bool:
        """Tell whether nothing more is to come."""
        return self._ended

    def send(
        self,
        data: bytes,
        event: bytes = b"message",
        *,
        late: float = 0,
        about: Hashable = None,
    ) -> None:
        """Put in an event; it comes out `late` seconds later, so that others may overtake it.

        Until then it can be withdrawn by what it is `about`.
        """
        self._mature()
        chunk = written(data, event)
        if late > 0:
            at = self._clock.now() + late
            heappush(self._later, _Later(at, next(self._order), chunk, about))
        else:
            self._waiting.append(chunk)
        self._news.set()

    def withdraw(self, about: Hashable) -> None:
        """Take back the events about something that are not yet due."""
        self._later = [each for each in self._later if each.about != about]
        heapify(self._later)
        self._news.set()

    def finish(self) -> None:
        """Let the stream end when everything is taken out, however late."""
        self._ended = True
        self._news.set()

    def end(self) -> None:
        """Let the stream end when everything is taken out; what is late never comes."""
        self._later.clear()
        self.finish()

    def chunks(self) -> AsyncGenerator[bytes]:
        """Take out what is put in, and keep-alives as time passes; who did so before is done."""
        return self._carried(None)

    def after(self, number: int) -> AsyncGenerator[bytes]:
        """Go on after the event of this number, as far as events are kept."""
        return self._carried(number)

    async def _carried(self, after: int | None) -> AsyncGenerator[bytes]:
        self._readers += 1
        reader = self._reader = self._readers
        self._news.set()  # wakes the reader before, who finds that it is done
        if after is not None:
            while self._kept and self._kept[-1][0] > after:
                self._again.appendleft(self._kept.pop())
        try:
            if opening := self._opening(resumed=after is not None):
                yield opening
            async for chunk in self._chunks(reader):
                yield chunk
        finally:
            if self._reader == reader:
                self._reader = None
                self._gone()

    def _opening(self, *, resumed: bool) -> bytes:
        """Give what is sent to a reader first: an id to go on from, and when to come back."""
        retry = self._pace.retry
        told = None if retry is None else str(retry).encode()
        if self.name is not None and self._primes and not resumed:
            self._last += 1
            return self._id() + serialised(((b"retry", told), (b"data", b""))) + b"\n"
        return b"" if told is None else b"retry: " + told + b"\n\n"

    async def _chunks(self, reader: int) -> AsyncGenerator[bytes]:
        pace, clock = self._pace, self._clock
        began = spoke = clock.now()
        while self._reader == reader:
            chunk = self._taken()
            if chunk is not None:
                yield chunk
                spoke = clock.now()
                continue
            if self._ended and not self._later:
                return
            sign = _sum(spoke, pace.keepalive)
            cut = min(_sum(began, pace.age), _sum(spoke, pace.silence))
            first = min(sign, cut, self._later[0].at if self._later else inf)
            await clock.woken(self._news, None if first == inf else first)
            self._news.clear()
            if min(sign, cut) > clock.now():
                continue
            if cut <= sign:
                break
            if not self._waiting:
                yield self._sign()
            spoke = sign
        if self._reader == reader and pace.breaks:
            raise LostError("closed")

    def _taken(self) -> bytes | None:
        """Take out the next event that is due."""
        if self._again:
            self._kept.append(self._again.popleft())
            return self._kept[-1][1]
        self._mature()
        return self._numbered(self._waiting.popleft()) if self._waiting else None

    def _mature(self) -> None:
        """Put what has become due behind what waits."""
        while self._later and self._later[0].at <= self._clock.now():
            self._waiting.append(heappop(self._later).event)

    def _numbered(self, event: bytes) -> bytes:
        """Give an event its id, if it is to have one; ids are counted as events are taken out."""
        if self.name is None:
            return event
        self._last += 1
        chunk = self._id() + event
        self._kept.append((self._last, chunk))
        return chunk

    def _id(self) -> bytes:
        return f"id: {self.name}-{self._last}\n".encode()


def _sum(since: float, length: float | None) -> float:
    return inf if length is None else since + length


def written(data: bytes, event: bytes = b"message") -> bytes:
    """Write an event."""
    return serialised(((b"event", event), (b"data", data))) + b"\n"


def split(event_id: str) -> tuple[str, int] | None:
    """Give the stream's name and the event's number that an id tells, if it is one of ours."""
    name, _, number = event_id.rpartition("-")
    told = name and number.isdecimal() and len(number) <= _DIGITS
    return (name, int(number)) if told else None
