"""What is usual: the value that most facts agree on, and how many do not."""

from collections.abc import Iterable

import msgspec
from pydantic import JsonValue

from wiretape.analysis.facts import Place, Tally
from wiretape.analysis.finding import Finding

_PLACES = 12


def usual(
    id_: str, title: str, found: Iterable[tuple[JsonValue, Tally]], note: str | None = None
) -> Finding:
    """Conclude what most facts say, of as many that which came first; the note counts the others.

    `found` has at least one value.
    """
    alike: dict[bytes, list[tuple[JsonValue, Tally]]] = {}
    for value, tally in found:
        alike.setdefault(msgspec.json.encode(value, order="sorted"), []).append((value, tally))
    groups = [(group[0][0], [tally for _, tally in group]) for group in alike.values()]
    value, tallies = min(groups, key=lambda group: (-_count(group[1]), _first(group[1])))
    total = sum(_count(group) for _, group in groups)
    differ = total - _count(tallies)
    notes = (note, f"{differ} of {total} differ" if differ else None)
    return Finding(
        id=id_,
        title=title,
        value=value,
        count=_count(tallies),
        evidence=places(tallies),
        note="; ".join(filter(None, notes)) or None,
    )


def places(tallies: Iterable[Tally]) -> tuple[Place, ...]:
    """Give where these were seen, each line once, and not too many."""
    return tuple(sorted({place for tally in tallies for place in tally.places}))[:_PLACES]


def dashed(role: str) -> str:
    """Give a role as it stands in an id."""
    return role.replace(" ", "-")


def _count(tallies: list[Tally]) -> int:
    return sum(tally.count for tally in tallies)


def _first(tallies: list[Tally]) -> Place:
    return min(tally.first.place for tally in tallies)
