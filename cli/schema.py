"""`wiretape schema`: the formats of recordings and of profiles, for other programs."""

import typer

from wiretape.analysis.profile import schema as profiles
from wiretape.recorder.log import schema as recordings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(schema)


def schema(
    profile: bool = typer.Option(False, "--profile", help="Of a profile, read as TOML, instead."),
) -> None:
    """Print the JSON Schema (2020-12) of a recording's lines."""
    typer.echo(profiles.json_schema() if profile else recordings.json_schema())
