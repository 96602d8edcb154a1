"""The files of a report."""

from collections.abc import Iterator

from wiretape.replay.conformance.reading import Whole
from wiretape.replay.conformance.report import Report
from wiretape.replay.conformance.reporters.html import html
from wiretape.replay.conformance.reporters.json import dumped, json
from wiretape.replay.conformance.reporters.junit import junit
from wiretape.replay.conformance.reporters.markdown import markdown
from wiretape.replay.conformance.reporters.sarif import sarif


def files(report: Report, whole: Whole) -> Iterator[tuple[str, str]]:
    """Give every file's name and text; `whole` is what was recorded."""
    yield "conformance.html", html(report, whole)
    yield "conformance.json", json(report)
    yield "conformance.md", markdown(report)
    yield "conformance.sarif", dumped(sarif(report))
    yield "conformance.xml", junit(report)
