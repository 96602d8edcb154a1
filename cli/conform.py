"""`wiretape conform`: test a system against a replayed service."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from wiretape.analysis.report.folder import write
from wiretape.cli.conform_run import INTERRUPTED, Run, described, judged, performed
from wiretape.cli.conform_view import show
from wiretape.cli.folder import named
from wiretape.recorder.errors import UsageError, WiretapeError
from wiretape.recorder.log.printable import printable
from wiretape.replay.conformance import baseline as baselines
from wiretape.replay.conformance.check import Target
from wiretape.replay.conformance.families import TARGETS, selected
from wiretape.replay.conformance.report import Report
from wiretape.replay.conformance.reporters.annotations import annotations
from wiretape.replay.conformance.reporters.files import files
from wiretape.replay.conformance.reporters.json import json
from wiretape.replay.conformance.reporters.words import mistaken, remarks

_CONFIG = Path("wiretape.toml")

_EXAMPLES = """
[bold]Examples[/bold]

A bridge, started as its wiretape.toml says:
  wiretape conform bridge --config examples/bridge/wiretape.toml -o conformance

Only what is about PKCE, against another profile:
  wiretape conform bridge --check 'pkce.*' --profile atlassian-2026-09

Begin with what fails today, then fill in why, then run with it in CI:
  wiretape conform bridge --write-baseline known.toml
  wiretape conform bridge --baseline known.toml

A recording of a bridge that was taken elsewhere:
  wiretape conform bridge --recording live.jsonl --target-origin https://bridge.example
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("conform", epilog=_EXAMPLES)(conform)


def conform(
    target: Annotated[Target, typer.Argument(metavar="|".join(TARGETS), help="What is tested.")],
    config: Annotated[
        Path, typer.Option("--config", "-c", metavar="FILE", help="How it is started and driven.")
    ] = _CONFIG,
    profile: Annotated[
        str | None,
        typer.Option(metavar="PROFILE", help="The service behind it, instead of the file's."),
    ] = None,
    check: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only this check, or pattern such as 'pkce.*'."),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Failures that are known, with reasons.")
    ] = None,
    write_baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write what fails as a baseline; reasons are yours."),
    ] = None,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="DIR", parser=named, help="Where all results go."),
    ] = Path("conformance"),
    recording: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Start nothing; judge this recording. What is untestable is fine."
        ),
    ] = None,
    target_origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL", help="Where in --recording the target is; once for each origin."
        ),
    ] = None,
    accept_untestable: Annotated[
        bool,
        typer.Option("--accept-untestable", help="Do not fail for what cannot be tested."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the results as JSON, for programs.")
    ] = False,
    github: Annotated[
        bool, typer.Option("--github", help="Print annotations for a workflow on GitHub.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print also what passes.")
    ] = False,
) -> None:
    """Test a system: it runs between clients that are played and a service that is replayed.

    Both its sides are recorded, and the checks judge what was recorded; `wiretape checks` lists
    them. The run fails for a check that fails or cannot be tested, unless the baseline has a reason
    for it, and for an entry of the baseline whose check passes.

    With [bold]--recording[/bold] nothing runs: traffic that was recorded elsewhere is judged, with
    the checks that find by themselves what they are about. The others are untestable, which is
    counted and does not fail the run. A recording that this command made is judged as it was then.
    """
    if as_json and github:
        raise UsageError("say either --json or --github")
    chosen = selected(target, check or [])
    if recording is not None:
        known = _known(baseline, write_baseline)
        report, whole = judged(target, chosen, known, recording, target_origin or [], out)
    elif target_origin:
        raise UsageError("--target-origin is about --recording: say that, too")
    else:
        told = described(target, config, profile)
        known = _known(baseline or told.known, write_baseline)
        run = Run(target=target, chosen=chosen, expected=known, accept_untestable=accept_untestable)
        report, whole = performed(run, config, told, out)
    write(out, files(report, whole))
    if write_baseline is not None:
        write(write_baseline.parent, [(write_baseline.name, baselines.written(report))])
    if as_json:
        typer.echo(json(report), nl=False)
    for line in annotations(report) if github else ():
        typer.echo(line)
    _tell(report, out, verbose=verbose, err=as_json or github)
    if not report.good:
        raise typer.Exit(INTERRUPTED if report.interrupted else WiretapeError.exit_code)


def _known(baseline: Path | None, to_write: Path | None) -> Mapping[str, str]:
    """Read the baseline, if there is one. Raises UsageError if another would be overwritten."""
    if to_write is not None and to_write != baseline and to_write.exists():
        raise UsageError(
            f"--write-baseline {to_write}: it is there already; say --baseline {to_write}, too, "
            "and the reasons that it has are kept"
        )
    return baselines.read(baseline) if baseline is not None else {}


def _tell(report: Report, out: Path, *, verbose: bool, err: bool) -> None:
    show(report, verbose=verbose, err=err)
    for remark in (*remarks(report), *mistaken(report)):
        typer.echo(printable(f"wiretape: {remark}"), err=True)
    typer.echo(f"Open {printable(str((out / 'conformance.html').resolve()))}", err=err)
