"""The files of a report. What else belongs into its folder, such as a profile, is added here."""

import json
from collections.abc import Iterator

from wiretape.analysis.report.html import html
from wiretape.analysis.report.markdown import markdown
from wiretape.analysis.report.model import Report


def files(report: Report) -> Iterator[tuple[str, str]]:
    """Give every file's name and text."""
    yield "report.json", as_json(report)
    yield "report.md", markdown(report)
    yield "report.html", html(report)


def as_json(report: Report) -> str:
    """Give the report as JSON, in which nothing could move a terminal."""
    text = json.dumps(report.model_dump(mode="json"), indent=2, ensure_ascii=False)
    return "".join(map(_safe, text.splitlines(keepends=True)))


def _safe(line: str) -> str:
    ended = line.removesuffix("\n")
    if ended.isprintable():
        return line
    escaped = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in ended)
    return escaped + line[len(ended) :]
