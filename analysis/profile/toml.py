"""Profiles as TOML, made to be read, compared and edited by people."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

import tomlkit
from pydantic import ValidationError
from tomlkit.items import Array, InlineTable, Item, String, Table, Trivia, Whitespace

from wiretape.analysis.profile.faults import fault
from wiretape.analysis.profile.known import Found, Path, found, put
from wiretape.analysis.profile.model import Profile
from wiretape.recorder.errors import BadInputError
from wiretape.recorder.log.printable import printable

_LINE = 72

type _Tree = dict[str, "_Tree | Found"]


def write(profile: Profile, evidence: Mapping[Path, str] | None = None) -> str:
    """Write a profile, in an order that does not change.

    Comments tell how each value is known, and the lines that show it. They are for people; `read`
    goes by the table `standing`.
    """
    tree: _Tree = {}
    for value in found(profile):
        put(tree, value.path, value)
    writing = _Writing(profile, evidence or {})
    document = tomlkit.document()
    document.add("name", _item(profile.name))
    if profile.description is not None:
        document.add("description", _item(profile.description))
    document.add("standing", writing.standing())
    for key, node in tree.items():
        document.add(key, writing.node(node))
    return tomlkit.dumps(document)


def read(file: File) -> Profile:
    """Read a profile.

    Raises BadInputError for what is no profile: which file, which value, what would do.
    """
    try:
        content = tomllib.loads(file.read_bytes().decode())
        return Profile.model_validate(content)
    except OSError as error:
        raise BadInputError(f"{file}: {error.strerror}") from error
    except ValidationError as error:
        raise BadInputError(f"{file}: {printable(fault(error, content))}") from error
    except (ValueError, RecursionError) as error:  # no UTF-8, or no TOML
        raise BadInputError(f"{file}: not a TOML file: {printable(str(error))}") from error


@dataclass(frozen=True)
class _Writing:
    """Writes what a profile has."""

    profile: Profile
    evidence: Mapping[Path, str]

    def standing(self) -> Table:
        given = self.profile.standing.model_dump()
        return _table({name: value for name, value in given.items() if value})

    def node(self, node: "_Tree | Found") -> Item:
        return self._value(node) if isinstance(node, Found) else self._section(node)

    def _section(self, tree: _Tree) -> Table:
        """Write a table: what goes on a line comes before what is a table of its own."""
        items = {key: self.node(node) for key, node in tree.items()}
        only_tables = all(isinstance(item, Table) for item in items.values())
        section = tomlkit.table(is_super_table=only_tables)
        _fill(section, items)
        return section

    def _value(self, value: Found) -> Item:
        plain = value.leaf.adapter.dump_python(value.value, exclude_none=True)
        if isinstance(value.value, dict):
            plain = dict(sorted(plain.items()))
        item = _part(plain)
        shown = self.evidence.get(value.path)
        standing = self.profile.standing.of(value.path)
        item.comment(f"{standing}: {printable(shown)}" if shown else standing)
        item.trivia.comment_ws = "  "
        return item


def _table(plain: Mapping[str, Any]) -> Table:
    table = tomlkit.table(is_super_table=False)
    _fill(table, {key: _part(value) for key, value in plain.items()})
    return table


def _fill(table: Table | InlineTable, items: Mapping[str, Item]) -> None:
    """Add lines, and after them tables."""
    table.value.parsing(parsing=True)  # or tomlkit looks for the place of each line, from the start
    for key, item in items.items():
        if not isinstance(item, Table):
            table.append(key, item)
    table.value.parsing(parsing=False)
    for key, item in items.items():
        if isinstance(item, Table):
            table.append(key, item)


def _part(plain: Any) -> Item:
    """Write a value; a table on a line only if it is short."""
    item = _item(plain)
    long = isinstance(item, InlineTable) and len(item.as_string()) > _LINE
    return _table(plain) if long else item


def _item(plain: Any) -> Item:
    match plain:
        case str():
            return _text(plain)
        case dict():
            inline = tomlkit.inline_table()
            _fill(inline, {key: _item(value) for key, value in plain.items()})
            return inline
        case list() | tuple():
            return _array(plain)
    item: Item = tomlkit.item(plain)
    return item


def _array(plain: Iterable[Any]) -> Array:
    parts: list[Item] = []
    for value in plain:
        parts += [Whitespace(","), Whitespace(" "), _item(value)]
    array = Array(parts[2:], Trivia())  # appending would look at the whole array each time
    return array.multiline(len(array.as_string()) > _LINE)


def _text(text: str) -> String:
    """Write a text without escapes where that can be: JSON has enough quotation marks."""
    lines = "\n" in text
    end = "'''" if lines else "'"
    plain = all(char.isprintable() or char == "\n" for char in text)
    if not plain or end in text or text.endswith("'") or not ('"' in text or "\\" in text or lines):
        return tomlkit.string(text)
    return tomlkit.string(text, literal=True, multiline=lines)
