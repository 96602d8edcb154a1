"""Runs what `wiretape conform` is told to, or judges what was recorded elsewhere."""

import asyncio
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
import uvloop

from wiretape.cli.conform_view import Progress
from wiretape.recorder.errors import BadInputError, UsageError
from wiretape.recorder.log.urls import origin
from wiretape.replay.conformance.check import Family, Target
from wiretape.replay.conformance.concluding import concluded
from wiretape.replay.conformance.config import Config, read
from wiretape.replay.conformance.evidence import Sides
from wiretape.replay.conformance.families import with_personas
from wiretape.replay.conformance.performing import BrokenOffError, perform
from wiretape.replay.conformance.reading import Whole, evidence
from wiretape.replay.conformance.report import Report

INTERRUPTED = 130  # 128 + SIGINT, as shells have it


@dataclass(frozen=True, kw_only=True)
class Run:
    """What is to be played; `expected` is the baseline."""

    target: Target
    chosen: Mapping[str, Family]
    expected: Mapping[str, str]
    accept_untestable: bool


def described(target: Target, path: Path, profile: str | None) -> Config:
    """Read a `wiretape.toml`. Raises UsageError if it is not about this target."""
    config = read(path)
    if config.kind not in {None, target}:
        raise UsageError(f"{path} describes a {config.kind}, not a {target}")
    if profile is not None and target == "client":
        raise UsageError("--profile is not about clients: each of their trials has its own service")
    if profile is not None:
        upstream = config.upstream.model_copy(update={"profile": profile})
        return config.model_copy(update={"upstream": upstream})
    return config


def performed(run: Run, path: Path, config: Config, out: Path) -> tuple[Report, Whole]:
    """Start the target, play, and judge. Raises typer.Exit if interrupted before it could play."""
    chosen = with_personas(run.chosen, config.personas.play)
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    start = time.monotonic()
    interrupted = False
    try:
        recording = uvloop.run(_played(run.target, config, chosen, out))
    except BrokenOffError as error:
        recording, interrupted = error.recording, True
    except asyncio.CancelledError:
        raise typer.Exit(INTERRUPTED) from None
    whole = evidence(recording)
    report = concluded(
        run.target,
        chosen,
        whole,
        recording=recording,
        out=out,
        profile=config.replayed(run.target),
        config=path,
        expected=run.expected,
        untestable_accepted=run.accept_untestable,
        interrupted=interrupted,
        seconds=time.monotonic() - start,
    )
    return report, whole


def judged(
    target: Target,
    chosen: Mapping[str, Family],
    expected: Mapping[str, str],
    recording: Path,
    at: Sequence[str],
    out: Path,
) -> tuple[Report, Whole]:
    """Judge a recording that was made elsewhere, of a target at these URLs if any are said.

    The report is for the folder `out`.

    Raises UsageError for what is no URL, BadInputError if nothing in it was asked of those: then
    nothing could be tested.
    """
    for url in at:
        if not origin(url).partition("://")[2]:
            raise UsageError(f"--target-origin {url!r}: say a URL such as https://bridge.example")
    sides = Sides(frozenset(map(origin, at))) if at else None
    if target == "client":
        sides = Sides(frozenset())  # all that a client asks is upstream
    whole = evidence(recording, sides)
    if at and target != "client" and not whole.everything.down:
        named = " or ".join(at)
        raise BadInputError(
            f"{recording}: nothing was asked of {named}; say another --target-origin"
        )
    report = concluded(
        target,
        chosen,
        whole,
        recording=recording,
        out=out,
        expected=expected,
        untestable_accepted=True,
    )
    return report, whole


async def _played(target: Target, config: Config, chosen: Mapping[str, Family], out: Path) -> Path:
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
