"""Looks into raw JSON without trusting it: what is not there or not of the type is nothing."""

import msgspec
from msgspec import Raw

_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_ARRAY = msgspec.json.Decoder(tuple[Raw, ...])
_TEXT = msgspec.json.Decoder(str)
_TEXTS = msgspec.json.Decoder(tuple[str, ...])
_DEEPEST = 200
"""Levels of what is taken in whole: functions that follow it down stay far from Python's limit."""


def value(raw: Raw | str | None) -> object:
    """Give any JSON decoded; nothing of what is none, or is nested more than `_DEEPEST` levels."""
    try:
        found = None if raw is None else msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        return None
    return found if _is_shallow(found) else None


def fields(raw: Raw | None) -> dict[str, Raw]:
    """Give the fields of a JSON object, each raw; none of anything else."""
    try:
        return {} if raw is None else _OBJECT.decode(raw)
    except (ValueError, RecursionError):
        return {}


def items(raw: Raw | None) -> tuple[Raw, ...]:
    """Give the items of a JSON array, each raw; none of anything else."""
    try:
        return () if raw is None else _ARRAY.decode(raw)
    except (ValueError, RecursionError):
        return ()


def text(raw: Raw | None) -> str | None:
    """Give a JSON string; nothing of anything else."""
    try:
        return None if raw is None else _TEXT.decode(raw)
    except ValueError:
        return None


def texts(raw: Raw | None) -> tuple[str, ...]:
    """Give the strings of a JSON array of strings; nothing of anything else."""
    try:
        return () if raw is None else _TEXTS.decode(raw)
    except ValueError:
        return ()


def _is_shallow(found: object) -> bool:
    level = [found]
    for _ in range(_DEEPEST):
        inner: list[object] = []
        for each in level:
            if isinstance(each, dict):
                inner += each.values()
            elif isinstance(each, list):
                inner += each
        if not inner:
            return True
        level = inner
    return False
