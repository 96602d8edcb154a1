"""Cuts recordings into parts that can be folded apart, and reads one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from wiretape.recorder.errors import BadInputError
from wiretape.recorder.log.reader import Reading

PART_BYTES = 16 * 2**20
"""About how large parts are, if nobody asks for another size."""

_TOLD = 2**20


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
            data = file.read(min(size, left))
            rest = file.readline() if left > len(data) else b""
            length = len(data) + len(rest)
            if not length:
                return
            yield Part(recording, path, offset, length, before)
            before += data.count(b"\n") + rest.count(b"\n")
            offset += length
            left -= length


@contextmanager
def reading(part: Part, progress: Progress | None = None) -> Iterator[Reading]:
    """Open a part; it reads as a recording, its first line is the recording's."""
    with _opened(part.path) as file:
        window = _Window(file, part, progress)
        yield Reading(window, str(part.path), skipped=max(0, part.before - 1))


class _Window:
    """The first line of a file, then the lines of a part."""

    def __init__(self, file: BinaryIO, part: Part, progress: Progress | None) -> None:
        self._file = file
        self._offset = part.offset
        self._left = part.size
        self._untold = 0
        self._progress = progress
        self._opened = False

    def readline(self, limit: int, /) -> bytes:
        """Give the next line, at most `limit` bytes of it."""
        if not self._opened and self._offset:
            self._opened = True
            line = self._file.readline(limit)
            self._file.seek(self._offset)
            return line
        self._opened = True
        line = self._file.readline(min(limit, self._left))
        self._left -= len(line)
        self._tell(len(line))
        return line

    def _tell(self, read: int) -> None:
        self._untold += read
        if self._progress is not None and (self._untold >= _TOLD or not self._left):
            self._progress(self._untold)
            self._untold = 0


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
