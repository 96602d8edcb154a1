"""A place in a text where a secret stands."""

import re
from collections.abc import Callable
from typing import NamedTuple

from wiretape.recorder.redaction.quoting import PLAIN, Quoting, unquoted
from wiretape.recorder.redaction.rules import Kind

_ESCAPED = re.compile(r"u[0-9A-Fa-f]{4}|[bfnrt]")
_PARAMETER = re.compile(r"(?:\A|[?&#;\n]|\\n|%(?:25)*(?:3[Ff]|26|23)|\\u0026)\Z")
_LONGEST_BEFORE_PARAMETER = 12
_PERCENT_ENCODED = re.compile(r"(?:25)*+[0-9A-Fa-f]{2}")

SURE = True
"""What stands at a place is secret and nothing else."""

LIKELY = False
"""What stands at a place may be ordinary data too: `theme=dark` is a cookie."""


class Place(NamedTuple):
    """A piece of a text that holds a secret, `plain` being what is quoted there.

    `rule`, `kind` and `sure` are as in `NameRule`.
    """

    start: int
    end: int
    plain: str
    rule: str
    kind: Kind = "value"
    sure: bool = SURE
    quoting: Quoting = PLAIN


def quoted_place(
    text: str,
    start: int,
    end: int,
    rule: str,
    kind: Kind = "value",
    *,
    sure: bool = SURE,
    quoting: Quoting,
) -> Place:
    """Give the place of a quoted value; what is not quoted right is taken as it stands."""
    raw = text[start:end]
    plain = unquoted(raw, quoting)
    return Place(start, end, plain, rule, kind, sure, PLAIN if plain == raw else quoting)


class Look(NamedTuple):
    """What a look at an anchor found, and where the search goes on."""

    places: tuple[Place, ...]
    end: int


type Looker = Callable[[str, int, int], Look]
"""Looks at an anchor, given the text, and where in it the anchor begins and ends."""


def past_escape(text: str, start: int, end: int) -> int:
    """Give where the word at `start` begins, if its first letters belong to an escape before it."""
    before = text[start - 1 : start]
    pattern = {"\\": _ESCAPED, "%": _PERCENT_ENCODED}.get(before)
    escape = pattern.match(text, start, end) if pattern else None
    return escape.end() if escape else start


def begins_parameter(text: str, start: int) -> bool:
    """Say whether the name at `start` is that of a parameter in a query or a form."""
    return _PARAMETER.search(text, max(0, start - _LONGEST_BEFORE_PARAMETER), start) is not None


def run_before(text: str, end: int, letters: str, longest: int) -> int:
    """Give where the run of `letters` begins that ends at `end`, looking back `longest` at most."""
    head = text[max(0, end - longest) : end]
    start = end - len(head) + len(head.rstrip(letters))
    return past_escape(text, start, end)
