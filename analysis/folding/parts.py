"""Cuts recordings into parts that can be folded apart, and reads one."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

import msgspec

from wiretape.recorder.errors import BadInputError
from wiretape.recorder.log.reader import Reading, read
from wiretape.recorder.log.records import MAX_LINE, Entry

PART_BYTES = 32 * 2**20
"""About how large parts are, if nobody asks for another size: each cut is work for who merges."""

_BLOCK = 2**20
_DECODER = msgspec.json.Decoder(Entry)


class Progress(Protocol):
    """Hears how many bytes were read since it heard last."""

    def __call__(self, read: int, /) -> object:
        """Hear of so many more bytes."""


class Part(NamedTuple):
    """Whole lines of a recording: `size` bytes from `offset`, after `before` lines."""

    recording: int
    path: Path
    offset: int
    size: int
    before: int

    @property
    def head(self) -> bool:
        """Whether it begins the recording."""
        return self.before == 0


def whole(recording: int, path: Path) -> Part:
    """Give a recording as one part."""
    return Part(recording, path, 0, _length(path), 0)


def parts(recording: int, path: Path, size: int = PART_BYTES) -> Iterator[Part]:
    """Cut a recording into parts of about so many bytes."""
    left = _length(path)
    offset = before = 0
    with _opened(path) as file:
        while left > 0:
            length, lines = _whole_lines(file, min(size, left))
            if not length:
                return
            yield Part(recording, path, offset, length, before)
            before += lines
            offset += length
            left -= length


def _whole_lines(file: BinaryIO, size: int) -> tuple[int, int]:
    """Read about so many bytes, up to the end of a line; gives how many, and how many lines."""
    length = lines = 0
    while length < size and (block := file.read(min(size - length, _BLOCK))):
        length += len(block)
        lines += block.count(b"\n")
    rest = file.readline(MAX_LINE + 1)
    return length + len(rest), lines + rest.count(b"\n")


class Lines:
    """The lines of a part, as `(number, record)`; iterate over it once.

    `opening` is the recording's first line. `cut`, known after the iteration, says whether the last
    line is incomplete, as a crash leaves it. Creating and iterating raise BadInputError for what is
    not a recording.
    """

    def __init__(self, part: Part, progress: Progress) -> None:
        with read(part.path) as recording:
            self.opening = recording.opening
        self.cut = False
        self._part = part
        self._progress = progress

    def __iter__(self) -> Iterator[tuple[int, Entry]]:
        # What `Reading` does, in half the time; where something is wrong, `Reading` says what.
        part = self._part
        offset, number, left = part.offset, part.before + 1, part.size
        decode = _DECODER.decode
        with _opened(part.path) as file:
            file.seek(offset)
            while block := file.read(min(left, _BLOCK)):
                block += file.readline(MAX_LINE + 1) if left > len(block) else b""
                at = 0
                for line in io.BytesIO(block):
                    if number > 1:
                        try:
                            if not line.isascii():
                                line.decode()  # the decoder skips over raw JSON
                            record = decode(line)
                        except (ValueError, RecursionError):
                            yield from self._slowly(offset + at, number)
                            return
                        yield number, record
                    number += 1
                    at += len(line)
                offset += len(block)
                left -= len(block)
                self._progress(len(block))

    def _slowly(self, offset: int, number: int) -> Iterator[tuple[int, Entry]]:
        """Go on line by line."""
        part = self._part
        with _opened(part.path) as file:
            window = _Window(file, offset, part.offset + part.size - offset)
            reading = Reading(window, str(part.path), skipped=number - 2)
            yield from reading
            self.cut = reading.cut is not None


class _Window:
    """The first line of a file, then what there is from an offset on, for so many bytes."""

    def __init__(self, file: BinaryIO, offset: int, size: int) -> None:
        self._file = file
        self._offset = offset
        self._left = size
        self._opened = False

    def readline(self, limit: int, /) -> bytes:
        """Give the next line, at most `limit` bytes of it."""
        if self._opened:
            line = self._file.readline(min(limit, self._left))
            self._left -= len(line)
        else:
            line = self._file.readline(limit)
            self._file.seek(self._offset)
            self._opened = True
        return line


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror}") from error


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror}") from error
    with file:
        yield file
