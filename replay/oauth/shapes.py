"""Tokens and ids made in the shape that a profile tells: length, separators, alphabets."""

import random
import string
import uuid
from collections.abc import Sequence
from functools import cache

from wiretape.analysis.profile.values import Length, Segment, Shape

ALPHABETS = {
    "digits": string.digits,
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "hex": string.digits + "abcdef",
    "hex upper": string.digits + "ABCDEF",
    "lower and digits": string.digits + string.ascii_lowercase,
    "upper and digits": string.digits + string.ascii_uppercase,
    "letters": string.ascii_letters,
    "alnum": string.ascii_letters + string.digits,
    "base64url": string.ascii_letters + string.digits + "-_",
    "base64": string.ascii_letters + string.digits + "+/",
}
ASSUMED = Shape(
    kind="opaque", length=43, segments=(Segment(length=43, alphabet="base64url", stable=False),)
)
"""What tokens look like where nothing is known: 256 bits, as most libraries make them."""

_SAMPLED = 16
"""In a segment this long an alphabet shows; in a shorter one not all of it need be there."""


def made(shape: Shape | None, stable: Sequence[str] = (), *, dice: random.Random) -> str:
    """Make a token; its stable segments are these, by their places, where they are given."""
    shape = shape or ASSUMED
    if shape.kind == "uuid":
        return str(_uuid(dice))
    segments = shape.segments or (_only(shape),)
    parts = [
        stable[at] if segment.stable and at < len(stable) else _part(segment, dice)
        for at, segment in enumerate(segments)
    ]
    return _joined(parts, shape.separator or "")


def stems(shape: Shape | None, *, dice: random.Random) -> tuple[str, ...]:
    """Make the segments that all tokens of a grant have in common."""
    return tuple(_part(segment, dice) for segment in (shape or ASSUMED).segments)


def _only(shape: Shape) -> Segment:
    return Segment(length=shape.length, alphabet="base64url")


def _part(segment: Segment, dice: random.Random) -> str:
    if segment.alphabet == "uuid":
        return str(_uuid(dice))
    letters, smaller = _alphabet(segment.alphabet)
    length = _length(segment.length, dice)
    while True:
        part = dice.randbytes(length).translate(letters).decode()
        if length < _SAMPLED or not any(map(frozenset(part).__le__, smaller)):
            return part


@cache
def _alphabet(name: str) -> tuple[bytes, tuple[frozenset[str], ...]]:
    """Give a letter for each byte, and the alphabets that a text of this one must not be of."""
    letters = ALPHABETS.get(name, ALPHABETS["base64url"])
    table = bytes(ord(letters[byte % len(letters)]) for byte in range(256))
    others = (frozenset(other) for other in ALPHABETS.values())
    return table, tuple(other for other in others if other < frozenset(letters))


def _length(length: Length, dice: random.Random) -> int:
    return length if isinstance(length, int) else dice.randint(*length)


def _joined(parts: Sequence[str], separator: str) -> str:
    """Join segments; several separators stand one between each two."""
    if len(separator) == len(parts) - 1:
        return "".join(a + b for a, b in zip(parts, [*separator, ""], strict=True))
    return separator.join(parts)


def _uuid(dice: random.Random) -> uuid.UUID:
    return uuid.UUID(int=dice.getrandbits(128), version=4)
