"""`wiretape report`: what recordings tell of a service, for people and for programs."""

from pathlib import Path
from typing import Annotated

import typer

from wiretape.analysis.report.assemble import assemble
from wiretape.analysis.report.files import as_json, files
from wiretape.analysis.report.folder import write
from wiretape.analysis.report.links import links
from wiretape.cli.engine import EngineName, Jobs, Scheduler, chosen
from wiretape.cli.folder import named
from wiretape.cli.learning import learn
from wiretape.recorder.errors import UsageError
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.printable import printable

_EXAMPLES = """
[bold]Examples[/bold]

A report to read and to share; it holds pseudonyms, but no secrets:
  wiretape report recording.jsonl -o report

Several recordings of one service, on four cores:
  wiretape report recordings/*.jsonl -o report --jobs 4

A fleet's recordings, on a Dask cluster whose workers see the same files:
  wiretape report /shared/*.jsonl -o report --engine dask --scheduler tcp://head:8786

For a program:
  wiretape report recording.jsonl --json | jq '.sections[].findings[] | {id, value}'
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report", epilog=_EXAMPLES)(report)


def report(
    recordings: Annotated[
        list[Path], typer.Argument(metavar="RECORDING...", readable=False, help="Recordings.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="DIR", parser=named, help="Where to write it; made if missing."
        ),
    ] = None,
    jobs: Jobs = 1,
    engine: EngineName = "local",
    scheduler: Scheduler = None,
    as_json_: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON, for programs.")
    ] = False,
) -> None:
    """Tell what recordings teach of a service: a compatibility report.

    DIR gets report.html, one file that needs no network; report.md; report.json; and profile.toml,
    what is known of the service, to read, edit and compare with. Every claim names the lines of the
    recordings that show it; report.md links to them if all is below the working directory.
    """
    if out is None and not as_json_:
        raise UsageError("say where to write the report, -o DIR, or --json to print it")
    analysis = learn(recordings, chosen(engine, jobs, scheduler))
    made = assemble(analysis)
    if out is not None:
        paths = [source.path.resolve() for source in analysis.sources]
        write(out, files(made, analysis, links(paths, out.resolve(), Path.cwd())))
        count = counted(len(made.diagnoses), "trouble")
        where = printable(str((out / "report.html").resolve()))
        typer.echo(f"{count} recognised. Open {where}", err=as_json_)
    if as_json_:
        typer.echo(as_json(made), nl=False)
