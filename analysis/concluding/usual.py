"""What is usual: the value that most facts agree on, and what the others say."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from wiretape.analysis.facts import Place, Tally
from wiretape.analysis.finding import Finding

_PLACES = 12
_TOLD = 3
_SHORT = 120


def usual(
    id_: str, title: str, seen: Iterable[tuple[Any, Tally]], *, note: str | None = None
) -> Iterator[Finding]:
    """Find the value that was seen most, of as many that which came first; none if none was seen.

    The values are JSON, or tuples of JSON. The note tells of the others.
    """
    alike: dict[str, list[tuple[Any, Tally]]] = {}
    for value, tally in seen:
        text = msgspec.json.encode(value, order="sorted").decode()
        alike.setdefault(text, []).append((value, tally))
    if not alike:
        return
    groups = [(text, [tally for _, tally in group]) for text, group in alike.items()]
    groups.sort(key=lambda group: (-_count(group[1]), _first(group[1])))
    (most, tallies), *others = groups
    value = alike[most][0][0]
    yield Finding(
        id=id_,
        title=title,
        value=list(value) if isinstance(value, tuple) else value,
        count=_count(tallies),
        evidence=places(tallies),
        note="; ".join(filter(None, (note, _told(others, _count(tallies))))) or None,
    )


def _told(others: list[tuple[str, list[Tally]]], most: int) -> str | None:
    """Tell of other values: which they are, if they are few and short, else how many."""
    if not others:
        return None
    if len(others) <= _TOLD and all(len(text) <= _SHORT for text, _ in others):
        return "also seen: " + ", ".join(f"{text} ({_count(tallies)})" for text, tallies in others)
    differ = sum(_count(tallies) for _, tallies in others)
    return f"{differ} of {differ + most} differ"


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
