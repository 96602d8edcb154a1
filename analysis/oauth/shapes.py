"""The shape of tokens and ids: how long, of which segments, in which alphabets, what is stable.

Pseudonyms keep what is read here: the length, the characters between segments, the alphabet of each
segment, and which segments are equal.
"""

import re
import string
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from pydantic import JsonValue

from wiretape.analysis.oauth import jwt

type Kind = Literal["opaque", "jwt", "uuid", "url"]

_MOST = 32
"""A token of more segments than this is taken for one that has none."""

_SEGMENT = r"[A-Za-z0-9_\-+/=\u0080-\U0010ffff]+"
_SEGMENTS = re.compile(f"({_SEGMENT})")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_ALPHABETS = tuple(
    (name, frozenset(letters))
    for name, letters in (
        ("digits", string.digits),
        ("lower", string.ascii_lowercase),
        ("upper", string.ascii_uppercase),
        ("hex", string.digits + "abcdef"),
        ("hex upper", string.digits + "ABCDEF"),
        ("lower and digits", string.digits + string.ascii_lowercase),
        ("upper and digits", string.digits + string.ascii_uppercase),
        ("letters", string.ascii_letters),
        ("alnum", string.ascii_letters + string.digits),
        ("base64url", string.ascii_letters + string.digits + "-_"),
        ("base64", string.ascii_letters + string.digits + "+/="),
    )
)


class Form(NamedTuple):
    """What tokens have in common if they are of one shape: the kind, and what separates segments.

    `separators` are as they follow each other, with the empty text where a segment ends the token.
    """

    kind: Kind
    separators: tuple[str, ...]


@lru_cache(maxsize=1024)
def form(token: str) -> Form:
    """Tell of which form a token is."""
    if _UUID.fullmatch(token):
        return Form("uuid", ())
    if token.startswith(("https://", "http://")):
        return Form("url", ())
    separators = tuple(_SEGMENTS.split(token, maxsplit=_MOST + 1)[::2])
    if len(separators) > _MOST + 1:
        return Form("opaque", ())
    try:
        jwt.read(token)
    except jwt.JwtError:
        return Form("opaque", separators)
    return Form("jwt", separators)


def describe(tokens: Iterable[str], families: Iterable[Iterable[str]] = ()) -> JsonValue:
    """Describe tokens, at least one, all of one form.

    A length is a number, or two if it varies: the least and the most. In families of tokens that
    followed each other a segment is `stable` if it is equal within each; `None`: there was no such
    family of two different tokens. Segments of a JWT are base64url by definition (RFC 7515, 7.1),
    whichever letters happen to be in them.
    """
    rows = {token: _cut(token) for token in tokens}
    kind, separators = form(next(iter(rows)))
    inner = "".join(separators[1:-1])
    related = [[rows[token] for token in {*family} if token in rows] for family in families]
    return {
        "kind": kind,
        "length": _length(list(rows)),
        "separator": (inner[0] if len(set(inner)) == 1 else inner) or None,
        "segments": [
            {
                "length": _length(column),
                "alphabet": "base64url" if kind == "jwt" else _alphabet(column),
                "stable": _stable(at, related),
            }
            for at, column in enumerate(zip(*rows.values(), strict=True))
        ],
    }


def _cut(token: str) -> list[str]:
    return _SEGMENTS.split(token)[1::2] if form(token).separators else [token]


def _length(texts: Sequence[str]) -> JsonValue:
    least, most = min(map(len, texts)), max(map(len, texts))
    return least if least == most else [least, most]


def _alphabet(segments: Sequence[str]) -> str:
    if all(map(_UUID.fullmatch, segments)):
        return "uuid"
    letters = frozenset().union(*segments)
    return next((name for name, members in _ALPHABETS if letters <= members), "other")


def _stable(at: int, families: Sequence[Sequence[Sequence[str]]]) -> bool | None:
    seen = [{row[at] for row in family} for family in families if len(family) > 1]
    return all(len(texts) == 1 for texts in seen) if seen else None
