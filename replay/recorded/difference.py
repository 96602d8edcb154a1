"""Where one JSON value differs from another."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from jsonpointer import JsonPointer

from wiretape.replay.recorded.normal import Path

_COUNTED = 100


class Absent:
    """What is not there, which is not the same as null."""


ABSENT = Absent()


class Difference(NamedTuple):
    """What was wanted and what was got at a path; `ABSENT` where there is nothing."""

    path: Path
    wanted: Any
    got: Any

    @property
    def pointer(self) -> str:
        """The path as a JSON pointer (RFC 6901)."""
        return str(JsonPointer.from_parts(map(str, self.path)).path)


def differences(wanted: Any, got: Any, path: Path = ()) -> Iterator[Difference]:
    """Give all differences, in the order of what was wanted; what is too much comes after it."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        for name in (*wanted, *(name for name in got if name not in wanted)):
            parts = (wanted.get(name, ABSENT), got.get(name, ABSENT))
            yield from differences(*parts, (*path, name))
    elif isinstance(wanted, list) and isinstance(got, list):
        for at in range(max(len(wanted), len(got))):
            parts = (_at(wanted, at), _at(got, at))
            yield from differences(*parts, (*path, at))
    elif not _equal(wanted, got):
        yield Difference(path, wanted, got)


def distance(wanted: Any, got: Any) -> int:
    """Tell how far apart they are: how many differences, of which not all are counted."""
    return sum(1 for _ in islice(differences(wanted, got), _COUNTED))


def _at(values: list[Any], at: int) -> Any:
    return values[at] if at < len(values) else ABSENT


def _equal(one: Any, other: Any) -> bool:
    """Compare values that are not both objects, nor both lists; to Python, True is 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
