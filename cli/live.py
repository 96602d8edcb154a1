"""What `wiretape record` shows while it records, on stderr: stdout belongs to the client."""

from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.text import Text

from wiretape.recorder.log.exchanges import Exchange, Fold
from wiretape.recorder.log.reader import Line
from wiretape.recorder.log.records import AnyRecord, Event, Gap, Recording


class LiveView:
    """Prints one line an exchange, when it ends; a stream also when it begins."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._fold = Fold(keep_events=False)
        self._exchanges = self._events = self._gaps = self._failures = 0
