"""Pieces of a text and what replaces them."""

from collections.abc import Callable, Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """The piece from `start` to `end`, its replacement, and the rule that found it."""

    start: int
    end: int
    replacement: str
    rule: str


def outermost(spans: Iterable[Span]) -> list[Span]:
    """Put the spans in order, without those that lie inside others.

    Of spans that begin together the longest is kept, of equal ones the first.
    """
    kept: list[Span] = []
    done = -1
    for span in sorted(spans, key=_order):
        if span.end > done:
            kept.append(span)
            done = span.end
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


def _order(span: Span) -> tuple[int, int]:
    return span.start, -span.end
