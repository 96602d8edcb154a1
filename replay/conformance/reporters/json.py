"""The report as JSON, for programs."""

import json as format_

from wiretape.replay.conformance.report import Report


def json(report: Report) -> str:
    """Write the report; what could move a terminal is escaped."""
    return dumped(report.model_dump(mode="json", by_alias=True))


def dumped(value: object) -> str:
    """Write any JSON for people to read, too."""
    return format_.dumps(value, indent=2) + "\n"
