"""`wiretape schema`: the formats of what is written, for other programs."""

import typer

from wiretape.analysis.comparison import schema as comparisons
from wiretape.analysis.profile import schema as profiles
from wiretape.analysis.report import schema as reports
from wiretape.recorder.errors import UsageError
from wiretape.recorder.log import schema as recordings
from wiretape.replay.conformance.reporters import schema as conformances


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(schema)


def schema(
    profile: bool = typer.Option(False, "--profile", help="Of a profile, read as TOML, instead."),
    report: bool = typer.Option(False, "--report", help="Of a report.json, instead."),
    comparison: bool = typer.Option(False, "--comparison", help="Of a comparison.json, instead."),
    conformance: bool = typer.Option(
        False, "--conformance", help="Of a conformance.json, instead."
    ),
) -> None:
    """Print the JSON Schema (2020-12) of a recording's lines, or of another of wiretape's files."""
    asked = {
        profiles: profile,
        reports: report,
        comparisons: comparison,
        conformances: conformance,
    }
    chosen = [format_ for format_, wanted in asked.items() if wanted]
    if len(chosen) > 1:
        raise UsageError("say one of --profile, --report, --comparison and --conformance")
    (format_,) = chosen or [recordings]
    typer.echo(format_.json_schema())
