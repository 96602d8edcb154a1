"""A progress bar over the bytes of recordings, shown only if reading them takes a while."""

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

_PATIENCE = 2.0


class BytesRead:
    """Hears of bytes that were read; after `_PATIENCE` seconds shows a bar, on a terminal."""

    def __init__(self, paths: Sequence[Path], console: Console | None = None) -> None:
        console = console or Console(stderr=True)
        columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=console, transient=True)
        self._task = self._bar.add_task("read", total=sum(map(_size, paths)))
        self._shows = console.is_terminal
        self._begun = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar.live.is_started:  # else rich would print an empty line
            self._bar.stop()

    def __call__(self, read: int, /) -> None:
        """Hear of so many more bytes."""
        self._bar.advance(self._task, read)
        if self._shows and time.monotonic() - self._begun > _PATIENCE:
            self._bar.start()
            self._shows = False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # whoever reads it says so
        return 0
