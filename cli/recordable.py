"""What `wiretape replay` is told about recording what passes."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

from wiretape.cli import options
from wiretape.replay.clock import Clock
from wiretape.replay.edge.recording import Taken, recording

Record = Annotated[
    bool, typer.Option("--record", help="Record what passes, as wiretape record does.")
]
Name = Annotated[str, typer.Option(metavar="NAME", help="What to call the recording.")]
Out = Annotated[Path, typer.Option(metavar="FOLDER", help="Folder for the recording.")]


def recorded(
    out: Path, name: str, clock: Clock, key: Path | None, rules: Path | None, profile: str
) -> AbstractContextManager[Taken]:
    """Record while the context lasts."""
    redactor = options.redactor(key, rules)
    return recording(out, name, clock, redactor, warn=_warn, profile=profile)


def _warn(line: str) -> None:
    typer.echo(f"wiretape: {line}", err=True)
