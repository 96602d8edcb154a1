"""Finding a text inside the Base64 of a longer one (RFC 4648, sections 4 and 5).

Three bytes make four characters, so a text shows in one of three alignments. Its *core* is those
characters that it fully determines; the character before and the one after share their six bits
with the neighbours, and are the core's *edges*.
"""

from base64 import b64encode
from typing import NamedTuple

_STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BITS = {letter: bits for bits, letter in enumerate(_STANDARD)} | {"-": 62, "_": 63}
_BOTH = dict(enumerate(_STANDARD[:62]))
_ALIGNMENTS = 3


class Edge(NamedTuple):
    """Which bits of a character belong to the text, what they are, and what they become."""

    mask: int
    old: int
    new: int


class Core(NamedTuple):
    """A core, the core of the pseudonym that replaces it, and the edges before and after."""

    text: str
    pseudonym: str
    before: Edge
    after: Edge


def cores(plain: bytes, pseudonym: bytes) -> set[Core]:
    """Give the cores of a text at each alignment, in both alphabets.

    Both texts have the same number of bytes.
    """
    found = set()
    for skip in range(_ALIGNMENTS):
        first, last = 8 * skip, 8 * (skip + len(plain))
        start, end = -(-first // 6), last // 6
        old, new = _encode(plain, skip), _encode(pseudonym, skip)
        before = _edge(old, new, first // 6, (1 << (-first % 6)) - 1)
        after = _edge(old, new, end, 63 ^ ((1 << (6 - last % 6)) - 1))
        core, stand_in = old[start:end], new[start:end]
        found.add(Core(core, stand_in, before, after))
        found.add(Core(_url_safe(core), _url_safe(stand_in), before, after))
    return found


def replaced(text: str, start: int, core: Core) -> tuple[int, int, str]:
    """Replace the core found at `start`, and the text's share of its edges.

    Gives where the replacement begins and ends, and the replacement.
    """
    end = start + len(core.text)
    before = _mend(text[start - 1 : start], core.before)
    after = _mend(text[end : end + 1], core.after)
    return start - len(before), end + len(after), before + core.pseudonym + after


def _url_safe(text: str) -> str:
    return text.replace("+", "-").replace("/", "_")


def _encode(plain: bytes, skip: int) -> str:
    return b64encode(bytes(skip) + plain + bytes(-(skip + len(plain)) % 3)).decode()


def _edge(old: str, new: str, index: int, mask: int) -> Edge:
    if not mask:
        return Edge(0, 0, 0)
    return Edge(mask, _BITS[old[index]] & mask, _BITS[new[index]] & mask)


def _mend(letter: str, edge: Edge) -> str:
    """Give the character with the pseudonym's bits, or nothing where none is to be changed.

    The two characters in which the alphabets differ are left alone: which alphabet a Base64 text
    is in cannot be seen from its other characters.
    """
    bits = _BITS.get(letter)
    if bits is None or not edge.mask or bits & edge.mask != edge.old:
        return ""
    return _BOTH.get(bits & ~edge.mask | edge.new, "")
