"""The report as Markdown (GitHub's), such as for a job's summary: what does not pass is told."""

from collections.abc import Iterator

from wiretape.analysis.report.escaping import code, prose, sentence
from wiretape.recorder.log.counted import counted
from wiretape.replay.conformance.report import Report, Result, Standing
from wiretape.replay.conformance.reporters.words import (
    MEANING,
    STANDINGS,
    between,
    exchanged,
    mistaken,
    remarks,
    requirement,
    tally,
)

_MARKS: dict[Standing, str] = {
    "fail": "❌",
    "untestable": "❓",
    "warn": "⚠️",
    "expected": "🟦",
    "pass": "✅",
}


def markdown(report: Report) -> str:
    """Write the report."""
    return "\n".join(_document(report)) + "\n"


def _document(report: Report) -> Iterator[str]:
    yield f"# Conformance of a {report.target}: {'passed' if report.good else 'failed'}"
    yield ""
    yield f"**{tally(report)}**{_against(report)}."
    for remark in (*mistaken(report), *remarks(report)):
        yield from ("", f"> **Note:** {prose(remark)}")
    for standing in STANDINGS:
        found = [each for each in report.results if each.standing == standing]
        if found:
            heading = f"## {_MARKS[standing]} {standing.capitalize()}"
            yield from ("", heading, "", f"*{MEANING[standing]}*", "")
            yield from _of(standing, found)


def _against(report: Report) -> str:
    profile = f", against {code(report.profile)}" if report.profile else ""
    return f"{profile}, recorded in {code(report.recording)}"


def _of(standing: Standing, found: list[Result]) -> Iterator[str]:
    match standing:
        case "pass":
            yield f"<details><summary>{counted(len(found), 'check')}</summary>"
            yield ""
            yield from (f"- {code(each.id)} {sentence(each.title)}" for each in found)
            yield from ("", "</details>")
        case "expected":
            rows = ((code(each.id), prose(each.expected or ""), prose(each.seen)) for each in found)
            yield from _table(("Check", "Reason", "Seen"), rows)
        case _:
            for number, each in enumerate(found):
                yield from ([""] if number else [])
                yield from _full(each)


def _full(result: Result) -> Iterator[str]:
    yield f"### {code(result.id)} {sentence(result.title)}"
    yield ""
    source = prose(requirement(result))
    yield f"- **Requires:** {f'[{source}](<{result.url}>)' if result.url else source}"
    yield f"- **Seen:** {prose(result.seen)}"
    yield f"- **Remedy:** {sentence(result.remedy)}"
    if result.shown:
        yield ""
        rows = (
            (", ".join(map(str, each.lines)), between(each), code(exchanged(each)))
            for each in result.shown
        )
        yield from _table(("Lines", "Between", "Exchange"), rows)


def _table(columns: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield "|---" * len(columns) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
