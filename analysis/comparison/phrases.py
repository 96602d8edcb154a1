"""Says in words what a comparison found."""

from collections.abc import Iterator

from pydantic import JsonValue

from wiretape.analysis.comparison.model import Comparison, Shown, Sighting
from wiretape.analysis.comparison.rule import SEVERITIES, Severity
from wiretape.analysis.comparison.values import listed
from wiretape.analysis.report.shapes import is_shape, shape
from wiretape.analysis.report.views import cell
from wiretape.recorder.log.counted import counted

MEANING: dict[Severity, str] = {
    "breaking": "A client that works with the reference does not work with the subject.",
    "risky": "Some clients fail, or in some situations.",
    "cosmetic": "No client is known to mind.",
}

_FEW = 16
_NOTHING = "nothing of the kind"


def said(sighting: Sighting) -> tuple[str, str]:
    """Say what the reference has, and what the subject; of objects only what differs."""
    one, other = sighting.reference, sighting.subject
    before = None if one is None else one.value
    after = None if other is None else other.value
    if isinstance(before, list) and isinstance(after, list) and len(before + after) > _FEW:
        return _others(before, after), _others(after, before)
    if not isinstance(before, dict) or not isinstance(after, dict) or is_shape(before):
        return _value(one), _value(other)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return _members(before, names), _members(after, names)


def lines(shown: Shown | None, most: int = 4) -> str:
    """Say which lines show it, the first few."""
    found = shown.lines if shown is not None else ()
    return ", ".join(map(str, found[:most])) + (", …" if len(found) > most else "")


def tally(comparison: Comparison) -> str:
    """Count the differences that are not accepted, by severity."""
    counts = [f"{len(comparison.open(severity))} {severity}" for severity in SEVERITIES]
    return ", ".join(counts)


def rest(comparison: Comparison) -> Iterator[str]:
    """Say how much was compared, and what is not among the differences."""
    yield f"{counted(comparison.compared, 'finding')} compared"
    if accepted := sum(each.accepted is not None for each in comparison.differences):
        yield f"{counted(accepted, 'difference')} accepted"
    for side in ("subject", "reference"):
        if count := sum(each.missing_in == side for each in comparison.unseen):
            yield f"{count} not seen in the {side}"


def mistaken(comparison: Comparison) -> Iterator[str]:
    """Say what is wrong with the file of differences to be accepted."""
    for id_ in comparison.stale:
        yield f"{id_} does not differ any more; take it out"
    for each in comparison.misnamed:
        better = f"; did you mean {each.nearest}?" if each.nearest else "; take it out"
        yield f"{each.id} is no difference's id{better}"


def incomplete(comparison: Comparison) -> Iterator[str]:
    """Warn of each side that is a recording with something missing."""
    sides = {"reference": comparison.reference, "subject": comparison.subject}
    for name, side in sides.items():
        if side.lacks:
            count = sum(each.missing_in == name for each in comparison.unseen)
            yield (
                f"The {name} is incomplete: {side.file} lacks {', '.join(side.lacks)}. "
                f"What it might have shown is not compared: {counted(count, 'finding')} not seen "
                "in it."
            )


def _value(shown: Shown | None) -> str:
    if shown is None:
        return _NOTHING
    return shape(shown.value) if is_shape(shown.value) else cell(shown.value)


def _others(values: list[JsonValue], known: list[JsonValue]) -> str:
    found = [cell(each) for each in values if each not in known]
    return f"{len(found)} that the other has not: {listed(found)}" if found else "none besides"


def _members(value: dict[str, JsonValue], names: list[str]) -> str:
    if len(names) == 1:
        return cell(value.get(names[0]))
    return "; ".join(f"{cell(name)}: {cell(value[name])}" for name in names if name in value)
