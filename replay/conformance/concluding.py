"""Draws up the report on what was recorded."""

from collections.abc import Mapping
from pathlib import Path

from wiretape.replay.conformance import baseline
from wiretape.replay.conformance.check import Family, Target
from wiretape.replay.conformance.families import checks
from wiretape.replay.conformance.judging import judge
from wiretape.replay.conformance.reading import Whole
from wiretape.replay.conformance.report import Report


def concluded(
    target: Target,
    families: Mapping[str, Family],
    whole: Whole,
    *,
    recording: Path,
    out: Path,
    profile: str | None = None,
    config: Path | None = None,
    expected: Mapping[str, str],
    untestable_accepted: bool = False,
    interrupted: bool = False,
    seconds: float | None = None,
) -> Report:
    """Judge and report; `expected` is the baseline, the rest is what the report says of the run.

    The report is for the folder `out`.
    """
    results, stale = baseline.applied(judge(families, whole), expected, checks(target))
    return Report(
        target=target,
        profile=profile,
        config=None if config is None else shown(config, out),
        recording=shown(recording, out),
        results=results,
        stale=stale,
        untestable_accepted=untestable_accepted,
        interrupted=interrupted,
        seconds=seconds,
    )


def shown(path: Path, out: Path) -> str:
    """Give a path as a report in the folder `out` shows it, without what is this machine's own.

    It is relative to where the program runs, or else to `out`; elsewhere it is as it was given.
    """
    at = path.resolve()
    within = (each for each in (Path.cwd(), out.resolve()) if at.is_relative_to(each))
    return next((at.relative_to(each) for each in within), path).as_posix()
