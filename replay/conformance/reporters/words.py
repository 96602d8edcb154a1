"""What all reporters say in the same words."""

from collections.abc import Iterator

from wiretape.recorder.log.counted import counted
from wiretape.replay.conformance.report import Report, Result, Shown, Standing

STANDINGS: tuple[Standing, ...] = ("fail", "untestable", "warn", "expected", "pass")
"""The worst first."""

MEANING: dict[Standing, str] = {
    "fail": "A requirement is not met.",
    "untestable": "Nothing can be said, because something is missing.",
    "warn": "What should be is not.",
    "expected": "May not pass, as the baseline says.",
    "pass": "The requirement is met.",
}


def tally(report: Report) -> str:
    """Count the results by their standing."""
    said = [f"{report.counts[each]} {each}" for each in STANDINGS if each in report.counts]
    took = "" if report.seconds is None else f" in {report.seconds:.1f} s"
    return ", ".join(said or ["no checks"]) + took


def remarks(report: Report) -> Iterator[str]:
    """Say what else there is to know about the outcome as a whole."""
    if report.interrupted:
        yield "interrupted: what was not played is untestable"
    if report.untestable_accepted and (count := report.counts.get("untestable", 0)):
        yield f"{counted(count, 'check')} could not be tested, which was accepted"


def mistaken(report: Report) -> Iterator[str]:
    """Say what is wrong with the baseline."""
    known = {result.id for result in report.results}
    for id_ in report.stale:
        if id_ in known:
            yield f"{id_} passes: take it out of the baseline"
        else:
            yield f"{id_} is no check: take it out of the baseline"


def requirement(result: Result) -> str:
    """Say where a requirement comes from, and how strict it is."""
    return f"{result.severity}: {result.source}"


def numbered(lines: tuple[int, ...]) -> str:
    """Name lines of the recording."""
    return f"{'line' if len(lines) == 1 else 'lines'} {', '.join(map(str, lines))}"


def exchanged(shown: Shown) -> str:
    """Say what was asked and what came."""
    return f"{shown.asked} → {shown.answered}"


def between(shown: Shown) -> str:
    """Say who asked whom."""
    return f"{shown.by} → {shown.to}"


def seen(shown: Shown) -> str:
    """Say who asked whom what, what came, and where that stands."""
    return f"{between(shown)}: {exchanged(shown)} ({numbered(shown.lines)})"


def told(result: Result) -> Iterator[tuple[str, str]]:
    """Tell all of a result, by the names of what is told; what belongs to the same has no name."""
    yield "requires", requirement(result)
    if result.url:
        yield "", result.url
    yield "seen", result.seen
    for shown in result.shown:
        yield "", seen(shown)
    if result.outcome != "pass":
        yield "remedy", result.remedy
    if result.expected is not None:
        yield "expected", result.expected
