"""Writes a recording so that neither a crash nor a full disk costs more than it must.

Every `append` is one unbuffered `os.write` of whole lines: a process that is killed loses at most
the lines of the call it was in. What a failed write left behind is cut off again, so that the file
always ends with a whole line; what was lost is counted, and told by a `gap` record before the next
records that do get written.

`jsonlines.Writer` is not used: it writes a line and its newline in two calls, and on a buffered
file the buffer's size decides where a write ends, not the line's end.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from wiretape.recorder.errors import EnvironmentFaultError
from wiretape.recorder.log.records import MAX_LINE, Gap, Record, Recording


class Writer:
    """A new recording at `path`, begun with its `opening`; missing folders are created (0700).

    `warn` is called with one line, once for each kind of failure; `failed` keeps the first of them.
    Not for several threads at once.

    Raises EnvironmentFaultError if the file exists or cannot be created with its first line.
    """

    def __init__(self, path: Path, opening: Recording, warn: Callable[[str], None]) -> None:
        self.path = path
        self.failed: str | None = None
        self._warn = warn
        self._encode = msgspec.json.Encoder().encode
        self._length = 0
        self._torn = False
        self._untold: dict[str, Gap] = {}
        self._warned: set[str] = set()
        try:
            _make_folders(path.parent)
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        except OSError as error:
            raise EnvironmentFaultError(f"cannot create {path}: {error.strerror}") from error
        try:
            self._write(self._encode(opening) + b"\n")
        except OSError as error:
            os.close(self._file)
            path.unlink()
            raise EnvironmentFaultError(f"cannot write {path}: {error.strerror}") from error

    def append(self, *records: Record) -> None:
        """Write the records, all of them or, if that fails, none. A failure raises nothing."""
        lines = [line for record in records if (line := self._line(record))]
        if not lines:
            return
        gaps = map(self._encode, self._untold.values())
        try:
            self._write(b"\n".join((*gaps, *lines, b"")))
        except OSError as error:
            self._lose(_reason(error), records[0], len(lines))
        else:
            self._untold.clear()

    def close(self) -> None:
        """Tell of losses still untold, if that is possible now, and close the file."""
        try:
            if self._untold:
                self._write(b"\n".join((*map(self._encode, self._untold.values()), b"")))
            os.close(self._file)
        except OSError as error:
            self._fail(_reason(error))

    def _line(self, record: Record) -> bytes | None:
        try:
            line = self._encode(record)
        except ValueError:  # half a surrogate pair, for one, is not UTF-8
            line = b"\n"
        if b"\n" in line:  # as raw JSON may; it would be read as two broken lines
            self._lose("a record could not be written as one line of JSON", record, 1)
        elif len(line) > MAX_LINE:
            self._lose("a record was larger than a line may be", record, 1)
        else:
            return line
        return None

    def _write(self, data: bytes) -> None:
        self._cut()
        try:
            rest = memoryview(data)
            while rest:
                written = os.write(self._file, rest)
                self._torn = True
                rest = rest[written:]
        except OSError:
            with suppress(OSError):  # the next write tries again, before anything else
                self._cut()
            raise
        self._length += len(data)
        self._torn = False

    def _cut(self) -> None:
        """Remove what a failed write left of a line."""
        if self._torn:
            os.ftruncate(self._file, self._length)
            self._torn = False

    def _lose(self, reason: str, first: Record, count: int) -> None:
        before = self._untold.get(reason)
        self._untold[reason] = Gap(
            at=before.at if before else first.at,
            t=before.t if before else first.t,
            reason=reason,
            lost=count + (before.lost if before else 0),
        )
        self._fail(reason)

    def _fail(self, reason: str) -> None:
        if reason in self._warned:
            return
        self._warned.add(reason)
        message = f"{self.path}: {reason}: the recording is incomplete"
        self.failed = self.failed or message
        self._warn(message)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _make_folders(folder: Path) -> None:
    """Create a folder and its missing parents, all 0700; `Path.mkdir` gives only the last that."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)
