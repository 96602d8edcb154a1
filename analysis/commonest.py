"""One value out of several: what was seen most."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from wiretape.analysis.facts import Tally
from wiretape.analysis.finding import Finding

_TOLD = 3
_SHORT = 120


def commonest(
    id: str,  # noqa: A002  # a finding calls it so
    title: str,
    seen: Iterable[tuple[tuple[Any, ...], Tally]],
    *,
    note: str | None = None,
) -> Iterator[Finding]:
    """Find the value that was seen most, of equals the first; the note tells of the others.

    The values are keys of one item, as `Facts.of` gives them. Gives nothing if nothing was seen.
    """
    ranked = sorted(seen, key=lambda item: (-item[1].count, item[1].first.place))
    if not ranked:
        return
    (value,), tally = ranked[0]
    others = [f"{_short(other)} ({rest.count})" for (other,), rest in ranked[1 : _TOLD + 1]]
    also = f"also seen: {', '.join(others)}" if others else None
    yield Finding(
        id=id,
        title=title,
        value=list(value) if isinstance(value, tuple) else value,
        count=tally.count,
        evidence=tally.places,
        note="; ".join(part for part in (note, also) if part) or None,
    )


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"
