"""How a finding's value is shown: by its kind, whatever finding it is.

A new extractor's findings so show up without a change here.
"""

import json
from dataclasses import dataclass

from pydantic import JsonValue

from wiretape.analysis.report.shapes import is_shape, shape
from wiretape.recorder.log.printable import printable

_WIDE = 9
_CELL = 400
_SHORT = 120
_ITEM = 120
_CODE = 4000


@dataclass(frozen=True)
class Word:
    """One value. `literal`: it stands for itself, as on the wire, and not for what it says."""

    text: str
    literal: bool = True


@dataclass(frozen=True)
class Words:
    """Several values beside each other."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of texts; `columns` is empty where they need no heading."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Code:
    """JSON, too deep for anything else; `cut` if it goes on."""

    text: str
    cut: bool = False


type View = Word | Words | Table | Code


def view(value: JsonValue, unit: str | None = None) -> View:
    """Choose how to show a value that is in `unit`, if it has one."""
    match value:
        case dict() if is_shape(value):
            return Word(shape(value), literal=False)
        case dict() | list() if value:
            return _words(value) or _table(value) or _code(value)
        case str():
            return Word(clean(value))
        case int() | float() if not isinstance(value, bool):
            return Word(quantity(value, unit), literal=False)
    return Word(cell(value), literal=False)


def _words(value: dict[str, JsonValue] | list[JsonValue]) -> Words | None:
    if isinstance(value, list):
        return Words(tuple(cell(each)[:_ITEM] for each in value)) if _flat(value) else None
    if not all(map(_flat, value.values())):
        return None
    said = tuple(f"{clean(name)}: {cell(each)}" for name, each in value.items())
    return Words(said) if sum(map(len, said)) <= _SHORT else None


def _table(value: dict[str, JsonValue] | list[JsonValue]) -> Table | None:
    if isinstance(value, dict) and all(map(_flat, value.values())):
        return Table((), tuple((clean(name), cell(each)) for name, each in value.items()))
    each_one = value.values() if isinstance(value, dict) else value
    rows = [row for row in each_one if isinstance(row, dict) and all(map(_flat, row.values()))]
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    if len(rows) < len(value) or not 0 < len(columns) <= _WIDE:
        return None
    cells = [tuple(cell(row[name]) if name in row else "" for name in columns) for row in rows]
    if isinstance(value, list):
        return Table(tuple(map(clean, columns)), tuple(cells))
    named = tuple((clean(name), *row) for name, row in zip(value, cells, strict=True))
    return Table(("", *map(clean, columns)), named)


def _code(value: JsonValue) -> Code:
    text = "\n".join(map(clean, json.dumps(value, indent=2, ensure_ascii=False).split("\n")))
    return Code(text[:_CODE], cut=len(text) > _CODE)


def quantity(number: float, unit: str | None) -> str:
    """Say a number with its unit; of many seconds also the minutes or hours."""
    said = f"{number:,.3f}".rstrip("0").rstrip(".") if isinstance(number, float) else f"{number:,}"
    if unit is None:
        return said
    return f"{said} {unit}{_longer(number) if unit == 's' else ''}"


def _longer(seconds: float) -> str:
    if abs(seconds) < 120:
        return ""
    if abs(seconds) < 7200:
        return f" ({seconds / 60:.3g} min)"
    return f" ({seconds / 3600:.3g} h)" if abs(seconds) < 172_800 else f" ({seconds / 86400:.3g} d)"


def cell(value: JsonValue) -> str:
    """Say a value in a few words."""
    match value:
        case None:
            return "none"
        case True:
            return "yes"
        case False:
            return "no"
        case str():
            said = value
        case list() | dict() if not value:
            said = "none"
        case list() if _flat(value):
            said = ", ".join(map(cell, value))
        case dict() if (names := properties(value)) is not None:
            said = names
        case dict() if all(map(_flat, value.values())):
            said = "; ".join(f"{name}: {cell(each)}" for name, each in value.items())
        case list() | dict():
            said = json.dumps(value, ensure_ascii=False)
        case _:
            said = quantity(value, None)
    said = clean(said)
    return said if len(said) <= _CELL else f"{said[: _CELL - 1]}…"


def properties(value: dict[str, JsonValue]) -> str | None:
    """Name the properties of a JSON Schema, the required ones with a star; none if it has none."""
    found, required = value.get("properties"), value.get("required")
    if not isinstance(found, dict):
        return None
    needed = required if isinstance(required, list) else ()
    return ", ".join(f"{name}*" if name in needed else name for name in found)


def clean(text: str) -> str:
    """Make recorded text one line, without what a reader's program might obey or hide."""
    return printable(text)


def _scalar(value: JsonValue) -> bool:
    return not isinstance(value, list | dict)


def _flat(value: JsonValue) -> bool:
    return _scalar(value) or (isinstance(value, list) and all(map(_scalar, value)))
