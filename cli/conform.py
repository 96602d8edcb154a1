"""`wiretape conform`: test a system against a replayed service."""

from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.text import Text

from wiretape.cli.folder import named
from wiretape.recorder.errors import WiretapeError
from wiretape.replay.conformance import baseline as baselines
from wiretape.replay.conformance import config as configs
from wiretape.replay.conformance.check import Target
from wiretape.replay.conformance.families import checks, selected
from wiretape.replay.conformance.judging import judge
from wiretape.replay.conformance.performing import Played, perform
from wiretape.replay.conformance.reading import evidence
from wiretape.replay.conformance.report import Report
from wiretape.replay.conformance.verdict import Outcome

_EXAMPLES = """
[bold]Examples[/bold]

A bridge, started as its wiretape.toml says:
  wiretape conform bridge --config examples/bridge/wiretape.toml -o conformance

Only what is about PKCE, against another profile:
  wiretape conform bridge --check 'pkce.*' --profile atlassian-2026-09
"""
_STYLES: dict[Outcome, str] = {
    "pass": "green",
    "fail": "bold red",
    "warn": "yellow",
    "untestable": "magenta",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("conform", epilog=_EXAMPLES)(conform)


def conform(
    target: Annotated[Target, typer.Argument(help="What is tested.")],
    config: Annotated[
        Path, typer.Option("--config", "-c", metavar="FILE", help="How it is started and driven.")
    ] = Path("wiretape.toml"),
    profile: Annotated[
        str | None,
        typer.Option(metavar="PROFILE", help="The service behind it, instead of the file's."),
    ] = None,
    check: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only this check, or pattern such as 'pkce.*'."),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Failures that are known (TOML).")
    ] = None,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="DIR", parser=named, help="Where all results go."),
    ] = Path("conformance"),
) -> None:
    """Test a system: it runs between clients that are played and a service that is replayed."""
    chosen = selected(target, check or [])
    expected = baselines.read(baseline) if baseline else {}
    wanted = configs.read(config)
    if profile is not None:
        upstream = wanted.upstream.model_copy(update={"profile": profile})
        wanted = wanted.model_copy(update={"upstream": upstream})
    console = Console(highlight=False, stderr=True)

    def played(trial: Played) -> None:
        console.print(f"{trial.trial} {trial.seconds:.1f} s {trial.stuck or ''}", style="dim")

    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    recording = uvloop.run(
        perform(wanted, chosen, out, began=lambda _: None, played=played, warn=console.print)
    )
    results, stale = baselines.applied(judge(chosen, evidence(recording)), expected, checks(target))
    report = Report(
        target=target,
        profile=wanted.upstream.profile,
        recording=recording.name,
        results=results,
        stale=stale,
    )
    _print(report)
    raise typer.Exit(0 if report.good else WiretapeError.exit_code)


def _print(report: Report) -> None:
    console = Console(highlight=False)
    for result in report.results:
        console.print(
            Text.assemble(
                (f"{result.outcome:10} ", _STYLES[result.outcome]),
                (result.id, "bold"),
                f"  {result.seen}",
            )
        )
        if result.outcome in {"fail", "warn"}:
            console.print(f"           {result.remedy}", style="dim")
    counted = ", ".join(f"{number} {outcome}" for outcome, number in report.counts.items())
    console.print(counted)
