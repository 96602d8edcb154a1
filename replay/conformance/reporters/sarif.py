"""The report in SARIF 2.1.0 (OASIS, 2020), which code scanning services read.

A result is at `wiretape.toml`, which is in the repository, so that the service can show it; the
lines of the recording, which is not, are related. What is expected is suppressed.
"""

from wiretape.analysis.report.sarif import Json, location, log, suppressed, text
from wiretape.replay.conformance.report import Report, Result, Standing
from wiretape.replay.conformance.reporters.words import (
    between,
    exchanged,
    mistaken,
    remarks,
    requirement,
)

_LEVELS: dict[Standing, str] = {"fail": "error", "untestable": "error", "warn": "warning"}


def sarif(report: Report) -> Json:
    """Give the log file as JSON: a rule for each check, a result for each that does not pass."""
    rules = [_rule(each) for each in report.results]
    results = [
        _result(each, number, report)
        for number, each in enumerate(report.results)
        if each.outcome != "pass"
    ]
    return log(report.wiretape, rules, results, [*remarks(report), *mistaken(report)])


def _rule(result: Result) -> Json:
    rule = {
        "id": result.id,
        "shortDescription": text(result.title),
        "fullDescription": text(f"{result.title} ({requirement(result)})."),
        "help": text(f"Remedy: {result.remedy} Requirement: {requirement(result)}."),
        "defaultConfiguration": {"level": "warning" if result.severity == "SHOULD" else "error"},
    }
    return rule | ({"helpUri": result.url} if result.url else {})


def _result(result: Result, number: int, report: Report) -> Json:
    lines = [(shown, line) for shown in result.shown for line in shown.lines[:1]]
    found: Json = {
        "ruleId": result.id,
        "ruleIndex": number,
        "level": _level(result, report),
        "message": text(f"{result.title}: {result.seen}"),
        "locations": [location(report.config, 1) if report.config else _recorded(result, report)],
        "relatedLocations": [
            location(report.recording, line)
            | {"id": at, "message": text(f"{between(shown)}: {exchanged(shown)}")}
            for at, (shown, line) in enumerate(lines, 1)
        ],
        "partialFingerprints": {"check/v1": result.id},
    }
    return found | (suppressed(result.expected) if result.expected is not None else {})


def _recorded(result: Result, report: Report) -> Json:
    return location(report.recording, result.lines[0] if result.lines else None)


def _level(result: Result, report: Report) -> str:
    if result.expected is not None or not (report.bad(result) or result.outcome == "warn"):
        return "note"
    return _LEVELS[result.outcome]
