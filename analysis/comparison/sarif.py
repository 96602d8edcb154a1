"""The comparison in SARIF 2.1.0 (OASIS, 2020), which code scanning services read.

Only what they show is written: a rule and a result for every difference, at the lines of the
subject's recording that show it. Accepted differences are suppressed.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from wiretape.analysis.comparison.model import Comparison, Difference, Shown
from wiretape.analysis.comparison.phrases import incomplete
from wiretape.analysis.comparison.rule import Severity
from wiretape.recorder.log.printable import printable

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS: dict[Severity, str] = {"breaking": "error", "risky": "warning", "cosmetic": "note"}

type Json = dict[str, Any]


def sarif(comparison: Comparison) -> Json:
    """Give the log file as JSON."""
    rules = [_rule(each) for each in comparison.differences]
    driver = {"name": "wiretape", "version": comparison.wiretape, "rules": rules}
    results = [
        _result(each, number, comparison) for number, each in enumerate(comparison.differences)
    ]
    warnings = [
        {"level": "warning", "message": {"text": printable(warning)}}
        for warning in incomplete(comparison)
    ]
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": warnings}],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(difference: Difference) -> Json:
    return {
        "id": difference.id,
        "shortDescription": {"text": printable(difference.title)},
        "fullDescription": {"text": printable(difference.why)},
        "help": {"text": printable(_help(difference))},
        "defaultConfiguration": {"level": _LEVELS[difference.severity]},
    }


def _help(difference: Difference) -> str:
    required = f" Requirement: {difference.requirement}." if difference.requirement else ""
    return f"Remedy: {difference.remedy}{required}"


def _result(difference: Difference, number: int, comparison: Comparison) -> Json:
    subject = [each.subject for each in difference.sightings]
    reference = [each.reference for each in difference.sightings]
    result: Json = {
        "ruleId": difference.id,
        "ruleIndex": number,
        "level": _LEVELS[difference.severity],
        "message": {"text": printable(f"{difference.title}. {difference.why}")},
        "locations": list(_locations(subject, comparison.subject.file))[:1],
        "relatedLocations": [
            location | {"id": at, "message": {"text": "the reference"}}
            for at, location in enumerate(_locations(reference, comparison.reference.file), 1)
        ],
        "partialFingerprints": {"difference/v1": difference.id},
    }
    if difference.accepted is not None:
        reason = printable(difference.accepted)
        result["suppressions"] = [{"kind": "external", "justification": reason}]
    return result


def _locations(shown: list[Shown | None], file: str) -> Iterator[Json]:
    """Give the first line of each finding; the file as a whole for one without lines."""
    place = {"artifactLocation": {"uri": _uri(file)}}
    for each in shown:
        if each is not None:
            region = {"region": {"startLine": each.lines[0]}} if each.lines else {}
            yield {"physicalLocation": place | region}


def _uri(file: str) -> str:
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
