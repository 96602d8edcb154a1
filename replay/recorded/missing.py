"""Says of a request that nothing recorded answers it, and what was recorded that comes nearest."""

import json
from itertools import islice
from typing import Any

from wiretape.recorder.redaction.redactor import Redactor
from wiretape.replay.http.messages import encoded
from wiretape.replay.journal import Miss
from wiretape.replay.recorded.difference import ABSENT, Difference, differences, distance
from wiretape.replay.recorded.index import Index, Match
from wiretape.replay.recorded.interaction import Interaction, name_of
from wiretape.replay.recorded.normal import Params, blanked, fickle, without_meta, without_token

CODE = -32090
"""Of the error that the client gets: one of those free for servers' own (JSON-RPC 2.0, 5.1)."""

_COMPARED = 200
_SHOWN = 120


def miss(index: Index, method: str, params: Params, match: Match) -> Miss:
    """Look for the nearest recorded call. What is told of values is redacted and short."""
    asked = f"{method} {name_of(method, params) or ''}".strip()
    seen: dict[str, Interaction] = {}
    for each in islice(index.alike(method, params), _COMPARED):
        seen.setdefault(repr(each.params), each)
    try:
        # What is fickle counts only where nothing else differs.
        nearest = min(seen.values(), key=lambda each: _distances(each, params), default=None)
        found = None if nearest is None else _first(nearest, params, match)
    except RecursionError:
        return Miss(asked)
    if nearest is None or found is None:
        return Miss(asked, nearest.place if nearest else None)
    return Miss(
        asked,
        nearest.place,
        "/params" + found.pointer,
        _told(found, found.wanted),
        _told(found, found.got),
    )


def failure(found: Miss) -> dict[str, Any]:
    """Give the error that tells a client of it."""
    told = {
        name: value
        for name in ("nearest", "pointer", "wanted", "got")
        if (value := getattr(found, name)) is not None
    }
    message = f"wiretape: nothing recorded answers {found.asked}"
    return {"code": CODE, "message": message} | ({"data": told} if told else {})


def sentence(found: Miss) -> str:
    """Say it in one line."""
    said = f"nothing recorded answers {found.asked}"
    if found.nearest is None:
        return said
    if found.pointer is None:
        return f"{said} another time; the last is {found.nearest}"
    wanted, got = found.wanted or "nothing", found.got or "nothing"
    return (
        f"{said}; nearest is {found.nearest}, with {wanted} at {found.pointer} where this has {got}"
    )


def _distances(each: Interaction, params: Params) -> tuple[int, int]:
    paths = fickle(each.params)
    alike = distance(
        blanked(without_meta(each.params), paths), blanked(without_meta(params), paths)
    )
    return alike, distance(each.params, params)


def _first(nearest: Interaction, params: Params, match: Match) -> Difference | None:
    """Give the first difference that counts."""
    kept = without_token if match == "exact" else without_meta
    wanted, got = kept(nearest.params), kept(params)
    paths = fickle(wanted)
    for ones in ((blanked(wanted, paths), blanked(got, paths)), (wanted, got)):
        if (found := next(differences(*ones), None)) is not None:
            return found
    return None


def _told(found: Difference, value: Any) -> str | None:
    """Give a value as JSON, redacted as what has its name; nothing for what is not there."""
    if value is ABSENT:
        return None
    name = next((str(step) for step in reversed(found.path) if isinstance(step, str)), "")
    told = Redactor().text(encoded({name: value}).decode())
    said = encoded(json.loads(told).get(name)).decode()
    return said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"
