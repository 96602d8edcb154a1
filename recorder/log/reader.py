"""Reads a recording line by line, typed, in constant memory.

A recording comes from anywhere: every line is bounded, and what is wrong is said as `FILE:LINE:
what`. Only the last line may be cut, as a crash leaves it; that is reported, not an error.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

import jsonlines
import msgspec

from wiretape.recorder.errors import BadInputError, EnvironmentFaultError
from wiretape.recorder.log.mistaken import mistaken
from wiretape.recorder.log.printable import printable
from wiretape.recorder.log.records import MAX_LINE, SCHEMA, Entry, Recording

_DECODER = msgspec.json.Decoder(Entry)


class Line(NamedTuple):
    """A record after the first, with the number of its line (the first line is 1)."""

    number: int
    record: Entry


class Stream(Protocol):
    """What is needed of a binary file."""

    def readline(self, limit: int, /) -> bytes:
        """Give the next line with its newline, at most `limit` bytes of it; `b""` at the end."""
        ...


class Reading:
    """A recording being read from `stream`, called `name` in errors; iterate over it once.

    `opening` is the first line's record. `cut`, known after the iteration, is the number of the
    last line if that is incomplete: it was being written when the recorder was killed.

    With `skipped`, so many lines after the first are not in the stream but counted all the same.

    Creating and iterating raise BadInputError for anything that is not a recording of this schema.
    """

    def __init__(self, stream: Stream, name: str, *, skipped: int = 0) -> None:
        self.name = name
        self.cut: int | None = None
        self._stream = stream
        self._number = 0
        self._terminated = True
        self.opening = self._opening(next(self._lines(), b""))
        self._number += skipped

    def __iter__(self) -> Iterator[Line]:
        # msgspec's decoder reads typed records twice as fast as any generic loads; jsonlines on top
        # costs a quarter, and checks that also raw JSON, which msgspec skips over, is UTF-8.
        try:
            for record in jsonlines.Reader(self._lines(), loads=_DECODER.decode):
                yield Line(self._number, record)
        except jsonlines.InvalidLineError as error:
            if self._terminated:
                raise self._bad(_why(error)) from error
            self.cut = self._number
        except RecursionError as error:
            raise self._bad("nested too deeply") from error

    def _lines(self) -> Iterator[bytes]:
        while line := self._next():
            self._number += 1
            self._terminated = line.endswith(b"\n")
            if len(line) > MAX_LINE and not self._terminated:
                raise self._bad(f"longer than {MAX_LINE // 2**20} MiB")
            yield line

    def _next(self) -> bytes:
        try:
            return self._stream.readline(MAX_LINE + 1)
        except OSError as error:
            raise EnvironmentFaultError(f"{self.name}: {error.strerror}") from error

    def _opening(self, line: bytes) -> Recording:
        if not line:
            raise BadInputError(f"{self.name}: empty, not even the first line of a recording")
        try:
            schema = msgspec.json.decode(line, type=_Schema).schema
            if schema != SCHEMA and schema.startswith("wiretape/"):
                raise self._bad(
                    f"schema {schema!r} is not known here: this version reads {SCHEMA!r};"
                    " upgrade wiretape to read it"
                )
            if schema != SCHEMA:
                raise self._bad(f"not a recording: schema {schema!r} instead of {SCHEMA!r}")
            return msgspec.json.decode(line, type=Recording)
        except (ValueError, RecursionError) as error:
            if what := mistaken(line + self._next(), self.name):
                raise BadInputError(f"{self.name}: {what}") from error
            if not self._terminated:
                raise self._bad("the first line is cut off: nothing can be read") from error
            raise self._bad(f"not the first line of a recording: {error}") from error

    def _bad(self, what: str) -> BadInputError:
        return BadInputError(f"{self.name}:{self._number}: {printable(what)}")


@contextmanager
def read(path: Path) -> Iterator[Reading]:
    """Open the recording at `path`; raises BadInputError if it cannot be read or is none."""
    try:
        stream = path.open("rb")
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror}") from error
    with stream:
        yield Reading(stream, str(path))


class _Schema(msgspec.Struct, tag_field="type", tag="recording"):
    """What is known of a first line before its schema is."""

    schema: str


def _why(error: jsonlines.InvalidLineError) -> str:
    line = error.line if isinstance(error.line, bytes) else error.line.encode(errors="replace")
    if not line:
        return "empty line"
    try:
        msgspec.json.decode(line, type=_Schema)
    except ValueError:
        return str(error.__cause__ or error)
    return "a second `recording` record: these are several recordings in one file"
