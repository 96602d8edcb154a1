"""The comparison in SARIF 2.1.0 (OASIS, 2020), which code scanning services read.

Only what they show is written: a rule and a result for every difference, at the lines of the
subject's recording that show it. Accepted differences are suppressed.
"""

from collections.abc import Iterator

from wiretape.analysis.comparison.model import Comparison, Difference, Shown
from wiretape.analysis.comparison.phrases import incomplete
from wiretape.analysis.comparison.rule import Severity
from wiretape.analysis.report.sarif import Json, location, log, suppressed, text

_LEVELS: dict[Severity, str] = {"breaking": "error", "risky": "warning", "cosmetic": "note"}


def sarif(comparison: Comparison) -> Json:
    """Give the log file as JSON."""
    differences = comparison.differences
    rules = [_rule(each) for each in differences]
    results = [_result(each, number, comparison) for number, each in enumerate(differences)]
    return log(comparison.wiretape, rules, results, incomplete(comparison))


def _rule(difference: Difference) -> Json:
    return {
        "id": difference.id,
        "shortDescription": text(difference.title),
        "fullDescription": text(difference.why),
        "help": text(_help(difference)),
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
        "message": text(f"{difference.title}. {difference.why}"),
        "locations": list(_locations(subject, comparison.subject.file))[:1],
        "relatedLocations": [
            place | {"id": at, "message": {"text": "the reference"}}
            for at, place in enumerate(_locations(reference, comparison.reference.file), 1)
        ],
        "partialFingerprints": {"difference/v1": difference.id},
    }
    return result | (suppressed(difference.accepted) if difference.accepted is not None else {})


def _locations(shown: list[Shown | None], file: str) -> Iterator[Json]:
    """Give the first line of each finding; the file as a whole for one without lines."""
    for each in shown:
        if each is not None:
            yield location(file, each.lines[0] if each.lines else None)
