"""`wiretape conform`: test a system against a replayed service."""

import asyncio
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from wiretape.cli.conform_view import Progress, show
from wiretape.cli.folder import named, write
from wiretape.recorder.errors import UsageError, WiretapeError
from wiretape.recorder.log.printable import printable
from wiretape.recorder.log.urls import origin
from wiretape.replay.conformance import baseline as baselines
from wiretape.replay.conformance import config as configs
from wiretape.replay.conformance.check import Family, Target
from wiretape.replay.conformance.concluding import concluded
from wiretape.replay.conformance.evidence import Sides
from wiretape.replay.conformance.families import selected, with_personas
from wiretape.replay.conformance.performing import BrokenOffError, perform
from wiretape.replay.conformance.reading import Whole, evidence
from wiretape.replay.conformance.report import Report
from wiretape.replay.conformance.reporters.annotations import annotations
from wiretape.replay.conformance.reporters.files import files
from wiretape.replay.conformance.reporters.json import json
from wiretape.replay.conformance.reporters.words import mistaken, remarks

_CONFIG = Path("wiretape.toml")
_INTERRUPTED = 130  # 128 + SIGINT, as shells have it

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
    target: Annotated[Target, typer.Argument(help="What is tested.")],
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
        str | None,
        typer.Option(metavar="URL", help="Where in --recording the target is."),
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
    expected = baselines.read(baseline) if baseline else {}
    if write_baseline is not None and write_baseline != baseline and write_baseline.exists():
        raise UsageError(
            f"--write-baseline {write_baseline}: it is there already; say --baseline "
            f"{write_baseline}, too, and the reasons that it has are kept"
        )
    if recording is not None:
        report, whole = _judged(target, chosen, expected, recording, target_origin)
    elif target_origin is not None:
        raise UsageError("--target-origin is about --recording: say that, too")
    else:
        accept = accept_untestable
        report, whole = _run(target, chosen, expected, config, profile, out, accept=accept)
    write(out, files(report, whole))
    if write_baseline is not None:
        write(write_baseline.parent, [(write_baseline.name, baselines.written(report))])
    if as_json:
        typer.echo(json(report), nl=False)
    for line in annotations(report) if github else ():
        typer.echo(line)
    _tell(report, out, verbose=verbose, err=as_json or github)
    if not report.good:
        raise typer.Exit(_INTERRUPTED if report.interrupted else WiretapeError.exit_code)


def _tell(report: Report, out: Path, *, verbose: bool, err: bool) -> None:
    show(report, verbose=verbose, err=err)
    for remark in (*remarks(report), *mistaken(report)):
        typer.echo(printable(f"wiretape: {remark}"), err=True)
    typer.echo(f"Open {printable(str((out / 'conformance.html').resolve()))}", err=err)


def _judged(
    target: Target,
    chosen: Mapping[str, Family],
    expected: Mapping[str, str],
    recording: Path,
    at: str | None,
) -> tuple[Report, Whole]:
    """Judge a recording that was made elsewhere, of a target at this URL."""
    sides = None if at is None else Sides(frozenset({origin(at)}))
    whole = evidence(recording, sides)
    report = concluded(
        target,
        chosen,
        whole,
        recording=recording,
        expected=expected,
        untestable_accepted=True,
    )
    return report, whole


def _run(
    target: Target,
    chosen: Mapping[str, Family],
    expected: Mapping[str, str],
    path: Path,
    profile: str | None,
    out: Path,
    *,
    accept: bool,
) -> tuple[Report, Whole]:
    """Start the target, play, and judge. Raises typer.Exit if interrupted before it could play."""
    config = configs.read(path)
    if profile is not None:
        upstream = config.upstream.model_copy(update={"profile": profile})
        config = config.model_copy(update={"upstream": upstream})
    chosen = with_personas(chosen, config.personas.play)
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    start = time.monotonic()
    interrupted = False
    try:
        recording = uvloop.run(_performed(target, config, chosen, out))
    except BrokenOffError as error:
        recording, interrupted = error.recording, True
    except asyncio.CancelledError:
        raise typer.Exit(_INTERRUPTED) from None
    whole = evidence(recording)
    report = concluded(
        target,
        chosen,
        whole,
        recording=recording,
        profile=config.upstream.profile,
        config=path,
        expected=expected,
        untestable_accepted=accept,
        interrupted=interrupted,
        seconds=time.monotonic() - start,
    )
    return report, whole


async def _performed(
    target: Target, config: configs.Config, chosen: Mapping[str, Family], out: Path
) -> Path:
    """Perform until it is done or Ctrl-C or SIGTERM comes, which ends the target first."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with Progress(chosen) as progress:
        return await perform(
            config,
            chosen,
            out,
            target=target,
            began=progress.began,
            played=progress.played,
            warn=progress.warn,
        )
