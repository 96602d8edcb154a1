"""Which value of a profile speaks of what a finding says: the one place that knows.

The path of a value in the profile is the id of the finding that teaches it, unless its field says
otherwise. `*` stands for a key that a recording brings: a role, a tool's name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from wiretape.analysis.profile.values import Measured

type Path = tuple[str, ...]
"""The keys that lead to a value."""

KEY = "*"


class Section(BaseModel):
    """A part of a profile; what is absent is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def known(
    title: str,
    *,
    id: str | None = None,  # noqa: A002  # a finding calls it so
    unit: str | None = None,
    keys: int = 0,
    none: bool = False,
) -> Any:
    """Make a field for what findings say, of the id that the path gives, or of this `id`.

    A field with `keys` is a dictionary of values, or of dictionaries of them. One with `none` says
    "none" where its finding says null, which TOML cannot.
    """
    default: Any = {} if keys else None
    said = title if unit is None else f"{title}, in {unit}"
    return Field(
        default=default, description=said, json_schema_extra=_Told(title, id, unit, keys, none)
    )


@dataclass(frozen=True)
class _Told:
    """What `known` was told, kept where a field keeps what is its own."""

    title: str
    id: str | None
    unit: str | None
    keys: int
    none: bool

    def __call__(self, _: object) -> None:
        """Add nothing to the field's JSON Schema."""


@dataclass(frozen=True)
class Leaf:
    """A value that a profile may have: its path and its finding's id, both with `*` for keys."""

    path: Path
    id: str
    title: str
    unit: str | None
    none: bool
    annotation: Any

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """What reads and writes such values."""
        return TypeAdapter(self.annotation)

    @property
    def measured(self) -> bool:
        """Whether it has bounds."""
        found = get_args(self.annotation)
        return any(isinstance(each, type) and issubclass(each, Measured) for each in found)

    def at(self, id: str) -> Path | None:  # noqa: A002  # a finding calls it so
        """Give the path of a finding's value, if it belongs here."""
        matched = _pattern(self.id).fullmatch(id)
        if matched is None:
            return None
        keys = iter(matched.groups())
        return tuple(next(keys) if key == KEY else key for key in self.path)

    def of(self, path: Path) -> str:
        """Give the id of the finding whose value is at this path."""
        keys = (key for key, form in zip(path, self.path, strict=True) if form == KEY)
        return re.sub(r"\*", lambda _: next(keys), self.id)


class Found(NamedTuple):
    """A value that a profile has, and where."""

    leaf: Leaf
    path: Path
    value: Any


@cache
def leaves(model: type[Section]) -> tuple[Leaf, ...]:
    """Give all values that a profile may have, in their order."""
    return tuple(_leaves(model, ()))


def leaf_of(model: type[Section], id: str) -> tuple[Leaf, Path] | None:  # noqa: A002  # as above
    """Find where a finding's value belongs, if it belongs into a profile."""
    for leaf in sorted(leaves(model), key=lambda leaf: -len(leaf.id)):
        if (path := leaf.at(id)) is not None:
            return leaf, path
    return None


def found(section: Section) -> Iterator[Found]:
    """Give all values that a profile has, in their order."""
    for leaf in leaves(type(section)):
        for path, value in _reached(section, leaf.path):
            yield Found(leaf, path, value)


def put(tree: dict[str, Any], path: Path, value: object) -> None:
    """Put a value at its path into tables within tables."""
    *sections, last = path
    for key in sections:
        tree = tree.setdefault(key, {})
    tree[last] = value


def _section(annotation: Any) -> type[Section] | None:
    """Give the section that a field is."""
    return annotation if isinstance(annotation, type) and issubclass(annotation, Section) else None


def _reached(node: Any, pattern: Path) -> Iterator[tuple[Path, Any]]:
    if not pattern:
        if node is not None:
            yield (), node
        return
    here, *rest = pattern
    children = node if isinstance(node, dict) else {here: getattr(node, here)}
    for key in sorted(children):
        for path, value in _reached(children[key], tuple(rest)):
            yield (key, *path), value


def _leaves(model: type[Section], path: Path) -> Iterator[Leaf]:
    for name, field in model.model_fields.items():
        here = (*path, name)
        if isinstance(field.json_schema_extra, _Told):
            yield _leaf(here, field.annotation, field.json_schema_extra)
        elif (section := _section(field.annotation)) is not None:
            yield from _leaves(section, here)
        elif get_origin(field.annotation) is dict:
            section = _section(get_args(field.annotation)[1])
            if section is not None:
                yield from _leaves(section, (*here, KEY))


def _leaf(path: Path, annotation: Any, told: _Told) -> Leaf:
    for _ in range(told.keys):
        annotation = get_args(annotation)[1]
    path += (KEY,) * told.keys
    return Leaf(path, told.id or ".".join(path), told.title, told.unit, told.none, annotation)


@cache
def _pattern(id: str) -> re.Pattern[str]:  # noqa: A002  # as above
    head, star, tail = re.escape(id).rpartition(r"\*")
    pattern = head.replace(r"\*", "([^.]+)") + ("(.+)" if star else "") + tail
    return re.compile(pattern, re.DOTALL)
