"""One value out of several: what was seen most."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from wiretape.analysis.facts import Tally
from wiretape.analysis.finding import Finding

_TOLD = 3
_SHORT = 120


def commonest(
    id_: str,
    title: str,
    seen: Iterable[tuple[tuple[Any, ...], Tally]],
    *,
    note: str | None = None,
) -> Iterator[Finding]:
    """Find the value that was seen most, of equals the first; the note tells of the others.

    The values are keys of one item, as `Facts.of` gives them. Gives nothing if nothing was seen.
    """
    alike: dict[str, _Alike] = {}
    for (value,), tally in seen:
        text = json.dumps(value, ensure_ascii=False)
        alike.setdefault(text, _Alike(value, [])).tallies.append(tally)
    ranked = sorted(alike.items(), key=lambda item: -item[1].count)
    if not ranked:
        return
    (_, most), *rest = ranked
    others = [f"{_short(text)} ({each.count})" for text, each in rest[:_TOLD]]
    also = f"also seen: {', '.join(others)}" if others else None
    yield Finding(
        id=id_,
        title=title,
        value=list(most.value) if isinstance(most.value, tuple) else most.value,
        count=most.count,
        evidence=tuple(sorted({place for tally in most.tallies for place in tally.places})),
        note="; ".join(part for part in (note, also) if part) or None,
    )


@dataclass(frozen=True)
class _Alike:
    """A value, and where it was seen, as at several endpoints."""

    value: Any
    tallies: list[Tally]

    @property
    def count(self) -> int:
        return sum(tally.count for tally in self.tallies)


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"
