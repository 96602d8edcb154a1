"""The files of a report."""

from collections.abc import Iterator

from wiretape.replay.conformance.report import Report
from wiretape.replay.conformance.reporters.json import json
from wiretape.replay.conformance.reporters.junit import junit


def files(report: Report) -> Iterator[tuple[str, str]]:
    """Give every file's name and text."""
    yield "conformance.json", json(report)
    yield "conformance.xml", junit(report)
