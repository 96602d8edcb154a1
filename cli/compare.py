"""`wiretape compare`: how one service differs from another, and whom that breaks."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import shorten
from typing import Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from wiretape.analysis.analyse import Engine
from wiretape.analysis.comparison import accepted
from wiretape.analysis.comparison.annotations import annotations
from wiretape.analysis.comparison.by_origin import by_origin
from wiretape.analysis.comparison.compare import compare as compare_known
from wiretape.analysis.comparison.files import as_json, files
from wiretape.analysis.comparison.known import read
from wiretape.analysis.comparison.model import Comparison, Difference
from wiretape.analysis.comparison.phrases import incomplete, lines, mistaken, rest, said, tally
from wiretape.analysis.comparison.rule import SEVERITIES, Severity
from wiretape.analysis.report.folder import write
from wiretape.cli.bytes_read import BytesRead
from wiretape.cli.engine import EngineName, Jobs, Scheduler, chosen
from wiretape.cli.folder import named
from wiretape.recorder.errors import BadInputError, UsageError, WiretapeError
from wiretape.recorder.log.printable import printable
from wiretape.recorder.log.urls import origin

_EXAMPLES = """
[bold]Examples[/bold]

How our bridge differs from the official service, and what that breaks:
  wiretape compare official.jsonl bridge.jsonl -o comparison

In CI, against a profile; known differences are accepted, each with its reason:
  wiretape compare atlassian.toml bridge.jsonl --accept known.toml --fail-on risky --github

For a program:
  wiretape compare official.jsonl bridge.jsonl --json | jq -r '.differences[].remedy'
"""

_STYLES: dict[Severity, str] = {"breaking": "bold red", "risky": "yellow", "cosmetic": "cyan"}
_SIGHTINGS = 1
_INDENT = 9
_SHORT = 80


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compare", epilog=_EXAMPLES)(compare)


def compare(
    reference: Annotated[
        Path,
        typer.Argument(
            metavar="REFERENCE", readable=False, help="Recording or profile of what is right."
        ),
    ],
    subject: Annotated[
        Path,
        typer.Argument(
            metavar="SUBJECT", readable=False, help="Recording or profile of what is tested."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="DIR",
            parser=named,
            help="Write comparison.html, .md, .json and .sarif here.",
        ),
    ] = None,
    fail_on: Annotated[
        Severity,
        typer.Option(
            metavar="|".join(SEVERITIES),
            help="Exit with 1 if there is a difference this bad or worse.",
        ),
    ] = "breaking",
    accept: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Known differences, with reasons (TOML).")
    ] = None,
    service: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ORIGIN",
            help="Of a recording with several services compare this one; repeatable.",
        ),
    ] = None,
    jobs: Jobs = 1,
    engine: EngineName = "local",
    scheduler: Scheduler = None,
    as_json_: Annotated[
        bool, typer.Option("--json", help="Print the comparison as JSON, for programs.")
    ] = False,
    github: Annotated[
        bool, typer.Option("--github", help="Print annotations for a workflow on GitHub.")
    ] = False,
) -> None:
    """Tell how a service differs from another: whom that breaks, and what mends it.

    Differences are breaking, risky or cosmetic for clients that work with the reference. Tokens,
    ids, times and hosts may differ. What only one side shows is no difference, but listed. Of a
    recording with both sides of a bridge, the service is the one whose MCP endpoint was spoken to
    first; what it asks of others is compared with what the reference's clients ask.

    The file for --accept has below [bold]\\[accept][/bold] lines such as
    "transport.no-sse" = "on purpose"; a difference in it that is no more fails as well.
    """
    if as_json_ and github:
        raise UsageError("say either --json or --github")
    known = accepted.read(accept) if accept else {}
    reading = chosen(engine, jobs, scheduler, by_origin)
    comparison = _make(reference, subject, known, service or [], reading)
    if out is not None:
        write(out, files(comparison))
    if as_json_:
        typer.echo(as_json(comparison), nl=False)
    for line in annotations(comparison) if github else ():
        typer.echo(line)
    _print(comparison, err=as_json_ or github)
    for warning in incomplete(comparison):
        typer.echo(printable(f"wiretape: {warning}"), err=True)
    if out is not None:
        where = printable(str((out / "comparison.html").resolve()))
        typer.echo(f"Open {where}", err=as_json_ or github)
    for mistake in mistaken(comparison):
        typer.echo(printable(f"wiretape: {accept}: {mistake}"), err=True)
    worse = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    if comparison.stale or comparison.misnamed or any(map(comparison.open, worse)):
        raise typer.Exit(WiretapeError.exit_code)


def _make(
    reference: Path,
    subject: Path,
    known: Mapping[str, str],
    services: list[str],
    engine: Engine,
) -> Comparison:
    """Read and compare, showing how far it is if that takes a while."""
    wanted = {origin(each) for each in services}
    with BytesRead([reference, subject]) as progress:
        one, other = (read(path, wanted, engine, progress) for path in (reference, subject))
    for side in (one, other):
        if not side.service.findings:
            raise BadInputError(f"{side.path}: nothing to compare: it tells of no service")
    compared = {*one.origins.service[:1], *other.origins.service[:1]}
    if unheard := sorted(wanted - compared):
        raise UsageError(f"--service {unheard[0]}: neither recording has an MCP endpoint there")
    return compare_known(one, other, known)


def _print(comparison: Comparison, *, err: bool) -> None:
    console = Console(highlight=False, stderr=err)
    with console.capture() as printed:  # printing, rich would itself end the program on `| head`
        for shown in _shown(comparison):
            console.print(shown)
    for line in printed.get().splitlines():
        typer.echo(line.rstrip(), err=err, color=True)


def _shown(comparison: Comparison) -> Iterator[RenderableType]:
    for severity in SEVERITIES:
        for difference in comparison.open(severity):
            yield _difference(difference)
    if comparison.differences:
        yield ""
    yield Text(f"{tally(comparison)}; {', '.join(rest(comparison))}")


def _difference(difference: Difference) -> RenderableType:
    severity = difference.severity
    style = _STYLES[severity]
    brief = severity == "cosmetic"
    title = Text(printable(difference.title), "bold")
    if brief:
        title.append(f"  {printable(difference.id)}", "dim not bold")
    head = Table.grid()
    head.add_column(width=_INDENT)
    head.add_column(overflow="fold")
    head.add_row(Text(severity, style), title)
    if brief:
        head.add_row("", Text(printable(_brief(difference)), "dim"))
        return head
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column(overflow="fold")
    for name, told in _told(difference):
        grid.add_row(name, Text(printable(told)))
    return Group(head, Padding(grid, (0, 0, 1, _INDENT)))


def _brief(difference: Difference) -> str:
    """Say in a few words what was seen instead of what, the first time."""
    before, after = (
        shorten(told, _SHORT, placeholder=" …") for told in said(difference.sightings[0])
    )
    return f"{after} instead of {before}"


def _told(difference: Difference) -> Iterator[tuple[str, str]]:
    yield "why", difference.why
    yield "remedy", difference.remedy
    if difference.clients:
        yield "concerns", ", ".join(difference.clients)
    if difference.requirement:
        yield "requires", difference.requirement
    for each in difference.sightings[:_SIGHTINGS]:
        before, after = said(each)
        where = lines(each.subject)
        yield "seen", after + (f" (lines {where})" if where else "")
        if each.reference is not None:
            where = lines(each.reference)
            yield "instead of", before + (f" (lines {where})" if where else "")
    yield "id", difference.id
