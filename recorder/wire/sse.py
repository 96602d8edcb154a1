r"""Server-sent events, read byte by byte as they pass (WHATWG HTML, 9.2.5 and 9.2.6).

A stream is lines that end in CRLF, LF or CR; a blank line ends an event. Libraries give the events
a browser would dispatch. A recording needs more: which fields were there at all, comments, events
without data, and what was under way when the stream broke off.

Bounded: an event keeps at most `limit` bytes, the rest is counted and marked as cut.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


class ServerSentEvent(NamedTuple):
    """One event with the fields that were sent; a field that was not is None. Values are bytes.

    `comments` came since the event before. `size` counts every line end as one byte.
    """

    event: bytes | None
    id: bytes | None
    retry: bytes | None
    data: bytes | None
    comments: int
    size: int
    cut: bool = False
    incomplete: bool = False


def serialised(fields: Iterable[tuple[bytes, bytes | None]]) -> bytes:
    """Give the lines of an event's fields, without the blank line that ends the event.

    A value of several lines becomes several fields, as only that of `data` can be.
    """
    return b"".join(
        name + b": " + line + b"\n"
        for name, value in fields
        if value is not None
        for line in _LINE_END.split(value)
    )


class EventStream:
    """Turns chunks of a stream into events. `comments` counts all comment lines so far."""

    def __init__(self, limit: int) -> None:
        self.comments = 0
        self._limit = limit
        self._line: list[bytes] = []
        self._line_size = 0
        self._first_line = True
        self._after_cr = False
        self._begin_event(comments=0)

    def feed(self, chunk: bytes) -> Iterator[ServerSentEvent]:
        """Give the events that this chunk completes."""
        if self._after_cr and chunk:
            self._after_cr = False
            if chunk.startswith(b"\n"):
                chunk = chunk[1:]
        start = 0
        for end in _LINE_END.finditer(chunk):
            self._keep(chunk[start : end.start()])
            self._size += end.start() - start + 1
            start = end.end()
            line = self._take_line()
            if line:
                self._field(line)
            elif self._fields or self._data:
                yield self._event()
                self._begin_event(comments=0)
        self._after_cr = chunk.endswith(b"\r")
        self._keep(chunk[start:])
        self._size += len(chunk) - start

    def close(self) -> ServerSentEvent | None:
        """Give what the end of the stream left unfinished, if anything."""
        if line := self._take_line():
            self._field(line)
        if self._fields or self._data:
            return self._event(incomplete=True)
        return None

    def _begin_event(self, comments: int) -> None:
        self._fields: dict[bytes, bytes] = {}
        self._data: list[bytes] = []
        self._kept = self._size = 0
        self._comments = comments
        self._cut = False

    def _keep(self, part: bytes) -> None:
        room = self._limit - self._kept - self._line_size
        if len(part) > room:
            part = part[: max(room, 0)]
            self._cut = True
        if part:
            self._line.append(part)
            self._line_size += len(part)

    def _take_line(self) -> bytes:
        line = b"".join(self._line)
        self._line.clear()
        self._kept += self._line_size
        self._line_size = 0
        if self._first_line:
            self._first_line = False
            line = line.removeprefix(_BOM)
        return line

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if not name:
            self._comments += 1
            self.comments += 1
            if not (self._fields or self._data):
                self._kept = 0  # keep-alives between events use up no room
        elif name == b"data":
            self._data.append(value)
        elif name in (b"event", b"id", b"retry"):
            self._fields[name] = value

    def _event(self, *, incomplete: bool = False) -> ServerSentEvent:
        return ServerSentEvent(
            event=self._fields.get(b"event"),
            id=self._fields.get(b"id"),
            retry=self._fields.get(b"retry"),
            data=b"\n".join(self._data) if self._data else None,
            comments=self._comments,
            size=self._size,
            cut=self._cut,
            incomplete=incomplete,
        )
