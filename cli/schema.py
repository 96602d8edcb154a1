"""`wiretape schema`: the recording's format, for other programs."""

import typer

from wiretape.recorder.log.schema import json_schema


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(schema)


def schema() -> None:
    """Print the JSON Schema (2020-12) of a recording's lines."""
    typer.echo(json_schema())
