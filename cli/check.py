"""`wiretape check`: is this a sound recording, and safe to share?"""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer
from msgspec import Struct

from wiretape.recorder.errors import BadInputError, EnvironmentFaultError, WiretapeError
from wiretape.recorder.log.consistency import Consistency
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.printable import printable
from wiretape.recorder.log.reader import Reading, read
from wiretape.recorder.log.records import AnyRecord, Gap
from wiretape.recorder.redaction.tripwire import Tripwire

_EXAMPLES = """
[bold]Examples[/bold]

Before recordings are committed or sent:
  wiretape check recordings/*.jsonl

For a program:
  wiretape check --json recording.jsonl | jq -r 'select(.kind == "leak").line'
"""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO

type Kind = Literal["leak", "inconsistent", "incomplete", "gap", "mode", "unreadable"]


class Finding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something to look at. A warning does not make the check fail."""

    file: str
    line: int | None = None
    kind: Kind
    what: str
    warning: bool = False

    def __str__(self) -> str:
        """Say it as compilers do, `FILE:LINE: what`."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return printable(f"{where}: {'warning: ' if self.warning else ''}{self.what}")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check", epilog=_EXAMPLES)(check)


def check(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", readable=False, help="Recordings.")
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the findings as JSON, one a line.")
    ] = False,
) -> None:
    """Check that recordings are sound, and look for secrets that redaction has missed.

    A secret is found where the rules expect one and no pseudonym stands; what stands elsewhere is
    not found. Exit code 1 if there are findings, 3 if a file cannot be read; warnings are neither.
    """
    findings = warnings = unreadable = 0
    for file in files:
        for finding in found_in(file):
            typer.echo(msgspec.json.encode(finding) if as_json else str(finding))
            if finding.kind == "unreadable":
                unreadable += 1
            elif finding.warning:
                warnings += 1
            else:
                findings += 1
    summary = f"{counted(findings, 'finding')}, {counted(warnings, 'warning')}"
    typer.echo(f"{counted(len(files), 'file')}: {summary}, {unreadable} unreadable", err=True)
    if unreadable:
        raise typer.Exit(BadInputError.exit_code)
    if findings:
        raise typer.Exit(WiretapeError.exit_code)


def found_in(path: Path) -> Iterator[Finding]:
    """Give what there is to say about a file, line by line."""
    try:
        with read(path) as recording:
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & _OTHERS:
                what = f"others may read or change it (mode {mode:04o}); chmod 600"
                yield Finding(file=str(path), kind="mode", what=what, warning=True)
            yield from _in_lines(recording)
    except (BadInputError, EnvironmentFaultError) as error:
        said = str(error).removeprefix(f"{path}:").strip()
        number, _, what = said.partition(": ")
        known = number.isdigit()
        yield Finding(
            file=str(path),
            line=int(number) if known else None,
            kind="unreadable",
            what=what if known else said,
        )


def _in_lines(recording: Reading) -> Iterator[Finding]:
    consistency, tripwire, name = Consistency(), Tripwire(), recording.name
    yield from _leaks(tripwire, name, 1, recording.opening)
    for line in recording:
        if isinstance(line.record, Gap):
            what = f"{counted(line.record.lost, 'record')} lost: {line.record.reason}"
            yield Finding(file=name, line=line.number, kind="gap", what=what, warning=True)
        for one in consistency.see(line):
            yield Finding(file=name, line=one.line, kind="inconsistent", what=one.what)
        yield from _leaks(tripwire, name, line.number, line.record)
    for one in consistency.close():
        yield Finding(file=name, line=one.line, kind="incomplete", what=one.what, warning=True)
    if recording.cut:
        what = "the last line is cut off"
        yield Finding(file=name, line=recording.cut, kind="incomplete", what=what, warning=True)


def _leaks(tripwire: Tripwire, name: str, line: int, record: AnyRecord) -> Iterator[Finding]:
    try:
        leaks = tripwire.leaks(record)
    except ValueError:  # Base64 that is none, which is inconsistent already
        return
    for leak in leaks:
        what = f"{leak.field}: looks like a secret of {leak.length} characters (rule {leak.rule!r})"
        yield Finding(file=name, line=line, kind="leak", what=what)
