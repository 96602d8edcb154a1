"""Comparisons of plays and recordings.

comparison = compared(official(), our_bridge())
assert ids(comparison, "breaking") == {...}
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from play import Play
from wiretape.analysis.comparison.compare import compare
from wiretape.analysis.comparison.known import read
from wiretape.analysis.comparison.model import Comparison, Difference
from wiretape.analysis.comparison.rule import Severity


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
