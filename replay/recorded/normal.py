"""When two requests ask the same: their parameters, normalised and written in one way only.

The order of an object's members makes no difference, nor does `1` for `1.0`, nor an empty object
for none at all. `_meta` says nothing of what is asked; where it is kept, its progress token, which
every request has anew, is not.

Some values are another's by their nature: the pseudonym of a secret, a UUID that a client made up
or was given elsewhere, a time. They are *fickle*: what a client has in their place is taken for
the same, as long as the recording does not tell requests apart by them.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from wiretape.recorder.redaction.pseudonym import SEGMENT, is_pseudonym

type Params = dict[str, Any]
type Path = tuple[str | int, ...]
"""The members and places that lead to a value."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:?\d\d)?")
_ENCODER = msgspec.json.Encoder(order="sorted")


def without_meta(params: Params) -> Params:
    """Leave out what says nothing of what is asked."""
    if "_meta" not in params:
        return params
    return {name: value for name, value in params.items() if name != "_meta"}


def without_token(params: Params) -> Params:
    """Leave out the progress token, and nothing else."""
    meta = params.get("_meta")
    if not isinstance(meta, dict) or "progressToken" not in meta:
        return params
    left = {name: value for name, value in meta.items() if name != "progressToken"}
    rest = without_meta(params)
    return rest | {"_meta": left} if left else rest


def canonical(value: Any) -> bytes:
    """Write JSON so that equal values are equal bytes. Raises RecursionError if it is too deep."""
    plain = _plain(value)
    try:
        return _ENCODER.encode(plain)
    except OverflowError:  # an integer of more than 64 bits
        return json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()


def fickle(params: Params) -> tuple[Path, ...]:
    """Give the paths of the values that another client has otherwise."""
    return tuple(path for path, value in leaves(params) if _is_fickle(value))


def blanked(value: Any, paths: tuple[Path, ...]) -> Any:
    """Give it with null in the place of these values, where they are texts."""
    for path in paths:
        value = _blank(value, path)
    return value


def at(value: Any, path: Path, otherwise: Any) -> Any:
    """Give the value at a path, or `otherwise` if there is none."""
    for step in path:
        member = isinstance(value, dict) and step in value
        if not member and not (
            isinstance(value, list) and isinstance(step, int) and step < len(value)
        ):
            return otherwise
        value = value[step]
    return value


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Give all values that are neither objects nor lists, and empty ones of these."""
    match value:
        case dict() if value:
            for name, part in value.items():
                yield from leaves(part, (*path, name))
        case list() if value:
            for at, part in enumerate(value):
                yield from leaves(part, (*path, at))
        case _:
            yield path, value


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(part) for name, part in value.items()}
        case list():
            return [_plain(part) for part in value]
        case float() if value.is_integer():
            return int(value)
    return value


def _is_fickle(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    if _UUID.fullmatch(value) or _TIME.fullmatch(value):
        return True
    segments = SEGMENT.findall(value)
    return any(map(is_pseudonym, segments))


def _blank(value: Any, path: Path) -> Any:
    if not path:
        return None if isinstance(value, str) else value
    first, *rest = path
    if isinstance(value, dict) and isinstance(first, str) and first in value:
        return value | {first: _blank(value[first], tuple(rest))}
    if isinstance(value, list) and isinstance(first, int) and first < len(value):
        return [*value[:first], _blank(value[first], tuple(rest)), *value[first + 1 :]]
    return value
