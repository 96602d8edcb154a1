"""`wiretape schema`: the formats of recordings, profiles and reports, for other programs."""

import typer

from wiretape.analysis.profile import schema as profiles
from wiretape.analysis.report import schema as reports
from wiretape.recorder.errors import UsageError
from wiretape.recorder.log import schema as recordings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(schema)


def schema(
    profile: bool = typer.Option(False, "--profile", help="Of a profile, read as TOML, instead."),
    report: bool = typer.Option(False, "--report", help="Of a report.json, instead."),
) -> None:
    """Print the JSON Schema (2020-12) of a recording's lines."""
    if profile and report:
        raise UsageError("say either --profile or --report")
    format_ = profiles if profile else reports if report else recordings
    typer.echo(format_.json_schema())
