"""Pieces of a text and what replaces them."""

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol


class Span(NamedTuple):
    """The piece from `start` to `end`, its replacement, and the rule that found it."""

    start: int
    end: int
    replacement: str
    rule: str


class Piece(Protocol):
    """A piece of a text."""

    @property
    def start(self) -> int:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Where it has ended."""


def outermost[P: Piece](pieces: Iterable[P]) -> list[P]:
    """Put pieces of a text in order, without those that lie inside others.

    Of pieces that begin together the longest is kept, of equal ones the first.
    """
    kept: list[P] = []
    done = -1
    for piece in sorted(pieces, key=_order):
        if piece.end > done:
            kept.append(piece)
            done = piece.end
    return kept


def assemble(text: str, spans: Iterable[Span], between: Callable[[str], str] = str) -> str:
    """Replace spans as `outermost` gives them, and give what stands between through `between`.

    Of a span that begins inside another the rest is blotted out: nothing that a span covers
    remains.
    """
    pieces: list[str] = []
    done = 0
    for start, end, replacement, _ in spans:
        if start >= done:
            pieces += between(text[done:start]), replacement
        else:
            pieces.append("x" * (end - done))
        done = end
    pieces.append(between(text[done:]))
    return "".join(pieces)


def _order(piece: Piece) -> tuple[int, int]:
    return piece.start, -piece.end
