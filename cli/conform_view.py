"""What `wiretape conform` shows: how far it is, and what came of it."""

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Self

import typer
from rich import progress
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from wiretape.recorder.log.printable import printable
from wiretape.replay.conformance.check import Family
from wiretape.replay.conformance.performing import Played
from wiretape.replay.conformance.report import Report, Result, Standing
from wiretape.replay.conformance.reporters.words import STANDINGS, tally, told

_STYLES: dict[Standing, str] = {
    "fail": "bold red",
    "untestable": "magenta",
    "warn": "yellow",
    "expected": "cyan",
    "pass": "green",
}
_INDENT = 12


class Progress:
    """A bar over the trials on stderr, if that is a terminal."""

    def __init__(self, families: Mapping[str, Family]) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._bar = progress.Progress(
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TextColumn("{task.description}", markup=False),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        total = sum(family.play is not None for family in families.values())
        self._families = families
        self._task = self._bar.add_task("starting the target", total=total)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def began(self, trial: str) -> None:
        """Hear that a trial begins."""
        self._bar.update(self._task, description=self._families[trial].title)

    def played(self, trial: Played) -> None:
        """Hear that a trial is over."""
        del trial
        self._bar.advance(self._task)

    def warn(self, line: str) -> None:
        """Print a warning."""
        self._console.print(Text(f"wiretape: {printable(line)}"), soft_wrap=True)


def show(report: Report, *, verbose: bool, err: bool) -> None:
    """Print what does not pass, with all that is told of it, and how many do; all if `verbose`."""
    console = Console(highlight=False, stderr=err)
    with console.capture() as printed:  # printing, rich would itself end the program on `| head`
        for each in _shown(report, verbose=verbose):
            console.print(each)
    for line in printed.get().splitlines():
        typer.echo(line.rstrip(), err=err, color=True)


def _shown(report: Report, *, verbose: bool) -> Iterator[RenderableType]:
    for standing in reversed(STANDINGS):  # the worst stands last, where one looks first
        for result in report.results:
            if result.standing != standing:
                continue
            if standing == "warn" or report.bad(result):
                yield _full(result)
            elif verbose or standing == "expected":
                yield _brief(result)
    yield Text(tally(report), "bold")


def _head(result: Result, said: str) -> Table:
    head = Table.grid()
    head.add_column(width=_INDENT)
    head.add_column(overflow="fold")
    head.add_row(
        Text(result.standing, _STYLES[result.standing]),
        Text.assemble((result.id, "bold"), f"  {printable(said)}"),
    )
    return head


def _brief(result: Result) -> RenderableType:
    return _head(result, result.expected or result.seen)


def _full(result: Result) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column(overflow="fold")
    for name, said in told(result):
        grid.add_row(name, Text(printable(said)))
    return Group(_head(result, result.title), Padding(grid, (0, 0, 1, _INDENT)))
