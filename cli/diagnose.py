"""`wiretape diagnose`: known failures, recognised in recordings."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from wiretape.analysis.diagnosis import Confidence, Diagnosis
from wiretape.analysis.facts import Place
from wiretape.cli.engine import EngineName, Jobs, Scheduler, chosen
from wiretape.cli.learning import learn
from wiretape.recorder.errors import WiretapeError
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.printable import printable

_EXAMPLES = """
[bold]Examples[/bold]

What is wrong, why, and what to do about it:
  wiretape diagnose recording.jsonl

Look at the evidence:
  wiretape show recording.jsonl --kind error

For a program, here the ids of what is certain:
  wiretape diagnose --json *.jsonl | jq -r 'select(.confidence == "certain").id'
"""

_STYLES: dict[Confidence, str] = {"certain": "bold red", "likely": "yellow", "possible": "cyan"}
"""From the surest to the least sure."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("diagnose", epilog=_EXAMPLES)(diagnose)


def diagnose(
    recordings: Annotated[
        list[Path], typer.Argument(metavar="RECORDING...", readable=False, help="Recordings.")
    ],
    jobs: Jobs = 1,
    engine: EngineName = "local",
    scheduler: Scheduler = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a line, for programs.")
    ] = False,
) -> None:
    """Recognise known failures: what is seen, why it is so, and what to do about it.

    Recordings of one system are best given together. The surest diagnosis comes first: certain is
    what nothing else looks like, likely what little else does, possible what may have another
    cause. Exit code 1 if anything is diagnosed.
    """
    found = learn(recordings, chosen(engine, jobs, scheduler))
    paths = [source.path for source in found.sources]
    diagnoses = sorted(found.diagnoses, key=_surest_first)
    if as_json:
        for diagnosis in diagnoses:
            typer.echo(_json(diagnosis, paths))
    else:
        _print([_shown(diagnosis, paths) for diagnosis in diagnoses])
    exchanges = counted(sum(source.exchanges for source in found.sources), "exchange")
    failures = counted(len(diagnoses), "known failure")
    typer.echo(f"{counted(len(recordings), 'recording')}, {exchanges}: {failures}", err=True)
    if diagnoses:
        raise typer.Exit(WiretapeError.exit_code)


def _surest_first(diagnosis: Diagnosis) -> tuple[int, tuple[Place, ...]]:
    return list(_STYLES).index(diagnosis.confidence), diagnosis.evidence


def _json(diagnosis: Diagnosis, recordings: Sequence[Path]) -> str:
    """Give it with the files of its evidence; in ASCII, so that no terminal obeys it."""
    evidence = [{"file": str(recordings[at]), "line": line} for at, line in diagnosis.evidence]
    return json.dumps(diagnosis.model_dump(mode="json") | {"evidence": evidence})


def _shown(diagnosis: Diagnosis, recordings: Sequence[Path]) -> RenderableType:
    known = (f"{diagnosis.id}, {diagnosis.confidence}", _STYLES[diagnosis.confidence])
    title = Text.assemble((printable(diagnosis.title), "bold"), "  ", known)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column(overflow="fold")
    for name in ("seen", "cause", "remedy", "source"):
        if said := getattr(diagnosis, name):
            grid.add_row(name, Text(printable(said)))
    for file, lines in _by_file(diagnosis.evidence, recordings):
        grid.add_row("lines", Text(printable(f"{file}:{lines}")))
    return Group(title, Padding(grid, (0, 0, 1, 2)))


def _by_file(evidence: Sequence[Place], recordings: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Give the lines of each file, those that follow one another as `2-4`."""
    for at, places in groupby(sorted(evidence), key=attrgetter("recording")):
        runs: list[list[int]] = []
        for place in places:
            if runs and place.line == runs[-1][-1] + 1:
                runs[-1].append(place.line)
            else:
                runs.append([place.line])
        said = (f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
        yield recordings[at], ", ".join(said)


def _print(shown: list[RenderableType]) -> None:
    console = Console(highlight=False)
    with console.capture() as printed:  # printing, rich would itself end the program on `| head`
        for each in shown:
            console.print(each)
    for line in printed.get().splitlines():
        typer.echo(line.rstrip(), color=True)
