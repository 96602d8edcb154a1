"""Which standing the values of a profile have, told by their paths."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Self

from pydantic import model_validator

from wiretape.analysis.finding import Standing
from wiretape.analysis.profile.known import Path, Section

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_ESCAPES = {'"': '\\"', "\\": "\\\\"}


class Standings(Section):
    """How sure the values are: as `default` says, but for the values or sections that are named."""

    default: Standing = "observed"
    observed: tuple[str, ...] = ()
    documented: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _clear(self) -> Self:
        named = [dotted for _, dotted, _ in self._exceptions()]
        if twice := [path for path in named if named.count(path) > 1]:
            raise ValueError(f"names {twice[0]} twice")
        return self

    def of(self, path: Path) -> Standing:
        """Tell the standing of a value: what is named most closely counts."""
        found = [
            (len(named), standing)
            for standing, _, named in self._exceptions()
            if path[: len(named)] == named
        ]
        return max(found)[1] if found else self.default

    def named(self) -> Iterator[tuple[str, Path]]:
        """Give the paths that are named, as they are spelt and as keys."""
        for _, spelt, path in self._exceptions():
            yield spelt, path

    def _exceptions(self) -> Iterator[tuple[Standing, str, Path]]:
        for standing in ("observed", "documented", "assumed"):
            for spelt in getattr(self, standing):
                yield standing, spelt, keys(spelt)


def dotted(path: Path) -> str:
    """Write a path as TOML writes dotted keys."""
    return ".".join(key if _BARE.fullmatch(key) else _quoted(key) for key in path)


def keys(spelt: str) -> Path:
    """Read a dotted key of TOML. Raises ValueError for anything else."""
    try:
        table: Any = tomllib.loads(f"{spelt} = 0")
    except ValueError as error:
        raise ValueError(f"{spelt!r} is not a path such as token.lifetime") from error
    found = []
    while isinstance(table, dict) and len(table) == 1:
        ((key, table),) = table.items()
        found.append(key)
    if table != 0:
        raise ValueError(f"{spelt!r} is not a path such as token.lifetime")
    return tuple(found)


def _quoted(key: str) -> str:
    return '"' + "".join(map(_escaped, key)) + '"'


def _escaped(character: str) -> str:
    code = ord(character)
    control = code < 0x20 or 0x7F <= code < 0xA0
    return _ESCAPES.get(character) or (f"\\u{code:04x}" if control else character)
