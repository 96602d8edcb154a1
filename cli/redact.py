"""`wiretape redact`: redact a recording once more."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from wiretape.cli import options
from wiretape.recorder.errors import BadInputError, UsageError
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.reader import Reading
from wiretape.recorder.redaction.again import redact_again
from wiretape.recorder.redaction.manifest import write_manifest

_EXAMPLES = """
[bold]Examples[/bold]

With rules of your own, before a recording is handed on:
  wiretape redact mine.jsonl shared.jsonl --redact RULES.toml

With a key, so that several recordings get the same pseudonyms for the same values:
  head -c 32 /dev/urandom > key
  wiretape redact monday.jsonl monday-shared.jsonl --pseudonym-key key
"""

_LARGE = 16 << 20
"""Bytes of a recording that take long enough to want to see how far it is."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("redact", epilog=_EXAMPLES)(redact)


def redact(
    file: Annotated[Path, typer.Argument(metavar="IN", readable=False, help="A recording.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new file for the result.")],
    rules: Annotated[
        Path | None,
        typer.Option("--redact", metavar="RULES.toml", help="More rules of what is secret."),
    ] = None,
    pseudonym_key: options.KeyFile = None,
) -> None:
    """Redact a recording once more, with more rules or another key.

    Pseudonyms that it has are secrets to this run, and get pseudonyms of their own.
    """
    redactor = options.redactor(pseudonym_key, rules)
    try:
        if out.exists() and out.samefile(file):
            raise UsageError(f"{out}: IN and OUT are the same file; name a new one")
        size = file.stat().st_size
        stream = file.open("rb")
    except OSError as error:
        raise BadInputError(f"{file}: {error.strerror}") from None
    console = Console(stderr=True)
    hidden = size < _LARGE or not console.is_terminal
    with stream, Progress(console=console, transient=True, disable=hidden) as progress:
        watched = progress.wrap_file(stream, size, description="redacting")
        recording = Reading(watched, str(file))
        redact_again(recording, out, redactor)
    if recording.cut:
        typer.echo(f"warning: {file}:{recording.cut}: the last line is cut off", err=True)
    manifest = redactor.manifest()
    write_manifest(out, redactor)
    replaced = counted(sum(manifest.replaced.values()), "place")
    typer.echo(f"{replaced}, {counted(manifest.secrets, 'secret')} replaced → {out}")
