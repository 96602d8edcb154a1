"""Comparisons of plays and recordings.

comparison = compared(official(), our_bridge())
assert ids(comparison, "breaking") == {...}
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import JsonValue

from play import Play
from wiretape.analysis.comparison.compare import compare
from wiretape.analysis.comparison.ids import possible
from wiretape.analysis.comparison.known import Known, Taught, read
from wiretape.analysis.comparison.model import Comparison, Difference
from wiretape.analysis.comparison.rule import Severity
from wiretape.analysis.comparison.service import Origins
from wiretape.analysis.finding import Finding, Standing


def compared(
    reference: Play | Path, subject: Play | Path, accepted: Mapping[str, str] | None = None
) -> Comparison:
    """Compare two plays, recordings or profiles."""
    with TemporaryDirectory() as scratch:
        one, other = (
            side.write(Path(scratch, name)) if isinstance(side, Play) else side
            for side, name in ((reference, "reference.jsonl"), (subject, "subject.jsonl"))
        )
        return compare(read(one), read(other), accepted or {})


def ids(comparison: Comparison, severity: Severity) -> set[str]:
    """Give the ids of the differences of a severity."""
    return {each.id for each in comparison.open(severity)}


def difference(comparison: Comparison, id_: str) -> Difference:
    """Give the difference of an id."""
    (found,) = (each for each in comparison.differences if each.id == id_)
    return found


def judged(
    id_: str,
    reference: JsonValue,
    subject: JsonValue,
    *,
    also: Mapping[str, JsonValue] | None = None,
) -> dict[str, Severity]:
    """Give the severities, by id, of the differences between two values of a finding.

    `also` are other findings of the subject.
    """
    one = known({id_: reference})
    other = known({**(also or {}), id_: subject})
    found = {each.id: each.severity for each in compare(one, other, {}).differences}
    assert all(possible(each, {id_}) for each in found), found
    return found


def known(values: Mapping[str, JsonValue], standing: Standing = "observed") -> Known:
    """Know values by the ids of findings."""
    found = {
        id_: Finding(id=id_, title=id_, value=value, standing=standing)
        for id_, value in values.items()
    }
    return Known(
        path=Path("known.jsonl"),
        origins=Origins(()),
        service=Taught(found, ()),
        upstream=Taught({}, ()),
    )
