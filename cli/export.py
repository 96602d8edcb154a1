"""`wiretape export`: write a recording for other tools."""

import os
import sys
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from wiretape.recorder.errors import EnvironmentFaultError
from wiretape.recorder.exporting.har import export
from wiretape.recorder.log.reader import Reading, read

_EXAMPLES = """
[bold]Examples[/bold]

For a browser's network panel, mitmproxy, Charles and others:
  wiretape export har mcp-traffic-session-2025-08-29T02-09-10-217Z.jsonl session.har

To a program that reads HAR:
  wiretape export har recording.jsonl | jq '.log.entries[].request.url'
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    formats = typer.Typer(help="Write a recording for other tools.", no_args_is_help=True)
    formats.command(epilog=_EXAMPLES)(har)

    @formats.callback()
    def group() -> None:
        """Hold the formats, of which there is one so far."""

    app.add_typer(formats, name="export")


def har(
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="A recording.")],
    out: Annotated[
        Path | None, typer.Argument(metavar="OUT", help="A new file; stdout without it.")
    ] = None,
) -> None:
    """Write a recording as HAR 1.2.

    The events of a stream become the text of its response again; what HAR has no place for, such as
    marks and gaps, is counted in its comment. Secrets stay pseudonyms.
    """
    with read(file) as recording:
        if out is None:
            _write(recording, sys.stdout.buffer)
        else:
            _write_new(recording, out)
        if recording.cut:
            typer.echo(f"warning: {file}:{recording.cut}: the last line is cut off", err=True)


def _write(recording: Reading, stream: BinaryIO) -> None:
    for piece in export(recording):
        stream.write(piece)
    stream.flush()


def _write_new(recording: Reading, path: Path) -> None:
    """Write a file that is not there yet; if that fails it is not there afterwards either."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise EnvironmentFaultError(f"cannot create {path}: {error.strerror}") from None
    try:
        with os.fdopen(file, "wb") as stream:
            _write(recording, stream)
    except OSError as error:
        path.unlink()
        raise EnvironmentFaultError(f"cannot write {path}: {error.strerror}") from None
    except BaseException:
        path.unlink()
        raise
