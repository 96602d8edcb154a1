"""What `wiretape replay` is told about recording what passes."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from wiretape.cli import options
from wiretape.recorder.errors import UsageError
from wiretape.replay.clock import Clock
from wiretape.replay.edge.recording import Taken, recording

Record = Annotated[
    bool, typer.Option("--record", help="Record what passes, as wiretape record does.")
]
Name = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="What to call the recording; without, replay."),
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="Folder for the recording; without, this one."),
]


class Told(NamedTuple):
    """What is said of the recording, by the names of the options."""

    name: str | None
    out: Path | None
    redact: Path | None
    pseudonym_key: Path | None


def recorded(
    told: Told, clock: Clock, profile: str, *, record: bool
) -> AbstractContextManager[Taken] | None:
    """Record while the context lasts, if so told.

    Raises UsageError if something is said of a recording that there is not to be.
    """
    if not record:
        for key, value in told._asdict().items():
            if value is not None:
                option = key.replace("_", "-")
                raise UsageError(f"--{option} is about --record: say that, too")
        return None
    redactor = options.redactor(told.pseudonym_key, told.redact)
    folder, name = told.out or Path(), told.name or "replay"
    return recording(folder, name, clock, redactor, warn=_warn, profile=profile)


def _warn(line: str) -> None:
    typer.echo(f"wiretape: {line}", err=True)
