"""Judges what a recording shows, check by check; a pure function of the evidence."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from wiretape.replay.conformance.check import Check, Family
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.reading import Whole
from wiretape.replay.conformance.report import Result
from wiretape.replay.conformance.sighting import sightings
from wiretape.replay.conformance.verdict import Verdict, untestable


def judge(families: Mapping[str, Family], whole: Whole) -> Iterable[Result]:
    """Give the results of all checks of these families, in their order."""
    for name, family in families.items():
        for check in family.checks:
            evidence = evidence_for(name, family, check, whole)
            verdict = _verdict(name, check, evidence)
            yield Result(
                id=check.id,
                family=name,
                about=family.title,
                title=check.title,
                severity=check.severity,
                source=check.source.name,
                url=check.source.url,
                outcome=verdict.outcome,
                seen=verdict.seen,
                lines=verdict.lines,
                shown=() if evidence is None else sightings(evidence, verdict.lines),
                remedy=check.remedy,
            )


def _verdict(name: str, check: Check, evidence: Evidence | None) -> Verdict:
    if evidence is None:
        return untestable(f"nobody played {name} in this recording")
    verdict = check.judge(evidence)
    if verdict.outcome == "untestable" and evidence.stuck is not None:
        return replace(verdict, seen=f"{verdict.seen}: {evidence.stuck}")
    if verdict.outcome == "fail" and check.severity == "SHOULD":
        return replace(verdict, outcome="warn")
    return verdict


def evidence_for(name: str, family: Family, check: Check, whole: Whole) -> Evidence | None:
    """Give what a check is judged on: its trial, or all there is; nothing if nobody played it."""
    if family.play is None:
        return whole.everything
    if whole.trials:
        return whole.trials.get(name)
    return whole.everything if check.anywhere else None
