"""A fact about the service."""

from typing import NamedTuple

from pydantic import JsonValue


class Fact(NamedTuple):
    """A fact: in which part of the report it stands, the finding's value at `path`, the words.

    The path begins with the finding's id. All of `said` is in one line of the part.
    """

    what: str
    part: str
    path: tuple[str | int, ...]
    value: JsonValue
    said: tuple[str, ...]
