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
    profile: str | None = None,
    config: Path | None = None,
    expected: Mapping[str, str],
    untestable_accepted: bool = False,
    interrupted: bool = False,
    seconds: float | None = None,
) -> Report:
    """Judge and report; `expected` is the baseline, the rest is what the report says of the run."""
    results, stale = baseline.applied(judge(families, whole), expected, checks(target))
    return Report(
        target=target,
        profile=profile,
        config=None if config is None else config.as_posix(),
        recording=recording.as_posix(),
        results=results,
        stale=stale,
        untestable_accepted=untestable_accepted,
        interrupted=interrupted,
        seconds=seconds,
    )
