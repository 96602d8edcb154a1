"""The report as GitHub's workflow commands, which annotate the target's `wiretape.toml`."""

from collections.abc import Iterator

from wiretape.analysis.report.workflow import Level, command
from wiretape.replay.conformance.report import Report, Result
from wiretape.replay.conformance.reporters.words import (
    mistaken,
    remarks,
    requirement,
    seen,
)


def annotations(report: Report) -> Iterator[str]:
    """Give one line for every mistake of the baseline, and all that fails or warns."""
    for mistake in mistaken(report):
        yield command("error", mistake, title="Baseline")
    for remark in remarks(report):
        yield command("warning", remark, title="Conformance")
    for result in report.results:
        if report.bad(result):
            yield _annotation("error", result, report)
        elif result.standing == "warn":
            yield _annotation("warning", result, report)


def _annotation(level: Level, result: Result, report: Report) -> str:
    place = {"file": report.config, "line": "1"} if report.config else {}
    return command(level, "\n".join(_told(result)), **place, title=f"{result.id}: {result.title}")


def _told(result: Result) -> Iterator[str]:
    yield f"Seen: {result.seen}"
    for shown in result.shown:
        yield seen(shown)
    yield f"Requires: {requirement(result)}"
    yield f"Remedy: {result.remedy}"
