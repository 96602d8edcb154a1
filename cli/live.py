"""What `wiretape record` shows while it records, on stderr: stdout belongs to the client."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from rich.console import Console
from rich.status import Status
from rich.text import Text

from wiretape.cli.timeline.rows import of_exchange
from wiretape.cli.timeline.seen import seen
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.exchanges import Exchange, Fold
from wiretape.recorder.log.printable import printable
from wiretape.recorder.log.reader import Line
from wiretape.recorder.log.records import AnyRecord, End, Error, Event, Gap, Recording


class _Stderr:
    """stderr, but that it cannot be written to is no failure.

    A terminal may be gone, whoever read the output may have seen enough, and a log may be on a disk
    that is full: the traffic goes on.
    """

    def __init__(self) -> None:
        self._stream = sys.stderr

    def write(self, text: str) -> None:
        with self._forgiving():
            self._stream.write(text)

    def flush(self) -> None:
        with self._forgiving():
            self._stream.flush()

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:  # else Python would try to write the rest when it exits
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
        except OSError:
            pass


class LiveView:
    """Prints a line for every exchange when it ends.

    On a terminal the totals so far stand below, unless that is `shared` with a client, whose own
    output they would overwrite; elsewhere there are only the plain lines.
    """

    def __init__(self, *, quiet: bool, shared: bool = False) -> None:
        self._quiet = quiet
        self._shared = shared
        self._console = Console(file=cast("IO[str]", _Stderr()), highlight=False)
        self._status: Status | None = None
        self._fold = Fold(keep_events=False)
        self._lines = 1
        self._exchanges = self._events = self._failures = self._gaps = 0

    def __enter__(self) -> Self:
        if self._console.is_terminal and not self._quiet and not self._shared:
            self._status = self._console.status(self._summary())
            self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def say(self, line: str) -> None:
        """Print a line, unless told to be quiet."""
        if not self._quiet:
            self._console.print(Text(printable(line)), soft_wrap=True)

    def warn(self, line: str) -> None:
        """Print a warning, in any case."""
        self._console.print(Text(f"warning: {printable(line)}", style="yellow"), soft_wrap=True)

    def see(self, record: AnyRecord) -> None:
        """Take a record that was just written."""
        match record:
            case Event():
                self._events += 1
            case Gap():
                self._gaps += 1
                self.warn(record.reason)
            case Error(exchange=None):
                self.warn(f"{record.peer}  {_reason(record)}")
        if self._quiet:
            return
        self._lines += 1
        if not isinstance(record, Recording):
            exchange = self._fold.add(Line(self._lines, record))
            if exchange is not None:
                self._ended(exchange)
        if self._status is not None:
            self._status.update(self._summary())

    def totals(self, path: Path) -> None:
        """Say what was recorded."""
        self.say(f"{self._summary()} → {path}")
        if self._shared and not self._quiet and not self._exchanges:
            self.say(
                "nothing passed here: does the client follow HTTP_PROXY? if not, try --reverse"
            )

    def _ended(self, exchange: Exchange) -> None:
        self._exchanges += 1
        if not exchange.complete:
            self._failures += 1
        if not self._quiet:
            if self._console.is_terminal:
                self._console.print(line(exchange), no_wrap=True, overflow="ellipsis")
            else:
                self._console.print(line(exchange), soft_wrap=True)

    def _summary(self) -> str:
        parts = [counted(self._exchanges, "exchange"), counted(self._events, "event")]
        if self._failures:
            parts.append(f"{self._failures} broken off")
        if self._gaps:
            parts.append(counted(self._gaps, "gap"))
        return ", ".join(parts)


def line(exchange: Exchange) -> Text:
    """Describe an exchange in one line, as `wiretape show` does."""
    row = next(of_exchange(seen(exchange), 0)).row
    text = Text(f"{row.t:>8} {row.number:>4} ", style="dim", end="")
    text.append(f"{row.method:<6} {row.request}  ", style="default not dim")
    text.append(f"{row.status} ", style=f"not dim {row.status_style}")
    text.append(row.what, style=f"not dim {row.style}")
    wrong = [row.wrong, _ending(exchange.last)]
    return text.append("".join(f" {part}" for part in wrong if part), style="not dim bold red")


def _ending(last: End | Error | None) -> str:
    match last:
        case Error() as error:
            return printable(_reason(error))
        case End(how=how) if how != "complete":
            return how
    return ""


def _reason(error: Error) -> str:
    return f"{error.kind}: {error.detail}"
