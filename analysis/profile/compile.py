"""From findings to a profile, and back."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from pydantic import ValidationError

from wiretape.analysis.analyse import Analysis
from wiretape.analysis.finding import Finding, Standing
from wiretape.analysis.profile.known import Found, Path, found, leaf_of, put
from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.standing import dotted
from wiretape.analysis.profile.values import LEARNT, Measured, said

_NONE = "none"
_SHOWN = 3


def profile_of(analysis: Analysis, name: str) -> Profile:
    """Put together what recordings teach about a service.

    What findings say about clients or about the recording is left out, and so is what no service
    can mean although it may say so, such as a lifetime below zero.
    """
    tree: dict[str, Any] = {}
    exceptions: dict[Standing, list[str]] = {"documented": [], "assumed": []}
    for value, finding in _placed(analysis):
        put(tree, value.path, value.value)
        if finding.standing != "observed":
            exceptions[finding.standing].append(dotted(value.path))
    sources = dict.fromkeys(source.opening.provenance for source in analysis.sources)
    return Profile.model_validate(
        tree
        | {"name": name, "description": "; ".join(filter(None, sources)) or None}
        | {"standing": exceptions}
    )


def evidence_of(analysis: Analysis) -> dict[Path, str]:
    """Tell of each value of the profile which lines show it."""
    return {value.path: _lines(analysis, finding) for value, finding in _placed(analysis)}


def findings_of(profile: Profile) -> list[Finding]:
    """Give what a profile says as findings, so that it can be compared as a recording can."""
    return [_finding(value, profile.standing.of(value.path)) for value in found(profile)]


def _placed(analysis: Analysis) -> Iterator[tuple[Found, Finding]]:
    """Give the values of findings with the places in the profile where they belong."""
    for finding in chain.from_iterable(analysis.findings.values()):
        placed = leaf_of(Profile, finding.id)
        if placed is None:
            continue
        leaf, path = placed
        given: Any = _NONE if leaf.none and finding.value is None else finding.value
        if leaf.measured:
            given = finding.model_dump(include={"value", "low", "high", "note"})
        try:
            value = leaf.adapter.validate_python(given, context=LEARNT)
        except ValidationError:
            continue
        if value is not None:
            yield Found(leaf, path, value), finding


def _lines(analysis: Analysis, finding: Finding) -> str:
    """Tell the first lines of evidence, each file once: `a.jsonl:3, 5, b.jsonl:7`."""
    names: dict[int, list[str]] = {}
    for place in finding.evidence[:_SHOWN]:
        names.setdefault(place.recording, []).append(str(place.line))
    return ", ".join(
        f"{analysis.sources[recording].path.name}:{', '.join(numbers)}"
        for recording, numbers in names.items()
    )


def _finding(value: Found, standing: Standing) -> Finding:
    leaf, path, given = value
    finding = Finding(
        id=leaf.of(path), title=leaf.title, value=None, unit=leaf.unit, standing=standing
    )
    if leaf.none and given == _NONE:
        return finding
    if isinstance(given, Measured):
        return finding.model_copy(update=dict(given))
    return finding.model_copy(update={"value": said(given)})
