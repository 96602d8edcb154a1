"""Reads HAR 1.2 files (the Web Performance group's draft), as browsers and mitmproxy write them.

A file is checked whole before anything is played. What it does not hold, its exchanges say.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import zip_longest
from json import JSONDecoder
from pathlib import Path

import msgspec

from wiretape.recorder.capture.recorder import Recorder
from wiretape.recorder.errors import BadInputError
from wiretape.recorder.importing.captured import Steps
from wiretape.recorder.importing.har_entry import captured
from wiretape.recorder.importing.har_model import Entry, File, Log
from wiretape.recorder.log.printable import printable

MAX_FILE = 512 << 20
"""The most bytes a HAR file may have: it is one JSON text, which has to be in memory."""

_SCHEMES = ("http:", "https:", "ws:", "wss:")
_BETWEEN = re.compile(r"[\s,]*")
_value_at = JSONDecoder().raw_decode


class HarFile:
    """The HAR file at `path`. Raises BadInputError if it is none, naming the entry.

    `skipped` counts what is not HTTP, such as `data:` URLs.
    """

    mode = "har"
    damage: str | None = None

    def __init__(self, path: Path) -> None:
        log = _read(path)
        self._entries = bytes(log.entries).decode()
        self._connections: dict[str, str] = {}
        self.skipped = 0
        writer = f"{log.creator.name} {log.creator.version}"[:200].strip()
        self.note = (
            f"from a HAR file by {writer}: header names and bodies are as it gives them; an SSE"
            " event of which it does not tell the time has that of its stream's end"
        )
        self._order = sorted(self._starts(path))
        if not self._order:
            raise BadInputError(f"{path}: no HTTP exchange in this HAR file")
        self.start = self._order[0][0]

    def exchanges(self, recorder: Recorder) -> Iterator[tuple[datetime, Steps]]:
        """Give the exchanges in the order of their starts."""
        following = [start for start, _ in self._order[1:]]
        for (start, offset), next_start in zip_longest(self._order, following):
            entry = msgspec.convert(_value_at(self._entries, offset)[0], Entry)
            exchange = captured(entry, self._connection(entry), next_start)
            yield start, exchange.steps(recorder)

    def _starts(self, path: Path) -> Iterator[tuple[datetime, int]]:
        """Check every entry; give those that are HTTP, by their start and offset."""
        index = 0
        try:
            for offset, value in _elements(self._entries):
                entry = msgspec.convert(value, Entry)
                if entry.request.url.lower().startswith(_SCHEMES):
                    yield captured(entry, "").start, offset
                else:
                    self.skipped += 1
                index += 1
        except (ValueError, OverflowError, OSError, RecursionError) as error:
            raise BadInputError(f"{path}: entries[{index}]: {printable(str(error))}") from None

    def _connection(self, entry: Entry) -> str:
        """Name the connection as live traffic has it; a HAR file need not tell it."""
        if not entry.connection:
            return "unknown"
        return self._connections.setdefault(entry.connection, f"c{len(self._connections) + 1}")


def _read(path: Path) -> Log:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_FILE + 1)
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror}") from None
    if len(text) > MAX_FILE:
        raise BadInputError(
            f"{path}: larger than {MAX_FILE >> 20} MiB, more than a HAR file may be"
        )
    try:
        return msgspec.json.decode(text.removeprefix(b"\xef\xbb\xbf"), type=File).log
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{path}: not a HAR file: {printable(str(error))}") from None


def _elements(array: str) -> Iterator[tuple[int, object]]:
    """Give the elements of a JSON array, each with its offset.

    Only one is in memory at a time: of a hostile file, millions of small ones would not fit.
    """
    if not array.startswith("["):
        raise ValueError("not an array")
    at = 1
    while (at := _past_separator(array, at)) < len(array) - 1:
        value, end = _value_at(array, at)
        yield at, value
        at = end


def _past_separator(array: str, at: int) -> int:
    found = _BETWEEN.match(array, at)
    return found.end() if found else at
