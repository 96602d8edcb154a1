"""Pseudonyms: what stands for a secret, in the same shape and not reversible.

A secret is read as segments, the maximal runs of `[A-Za-z0-9_-]` and non-ASCII characters; what
stands between them is kept. Each segment gets its own pseudonym, so that equal segments stay equal:
of `userId:grantId:secret` one still sees which parts a rotation changed.

A pseudonym is HMAC-SHA256 (RFC 2104) of the segment, stretched and written in the smallest alphabet
that the segment fits, a segment without digits getting none. One of 12 characters or more ends in a
check of four characters that anybody can compute from the rest. It says nothing about the secret,
and lets the tripwire tell a pseudonym from a secret without the key.
"""

import hashlib
import hmac
import re
import string
from pathlib import Path

from wiretape.recorder.errors import BadInputError

KEY_BYTES = 32
"""Least length of a pseudonym key, in bytes."""

CHECKED = 12
"""Least length, in characters, of a pseudonym that carries a check."""

SEGMENT = re.compile(r"[A-Za-z0-9_\-\u0080-\U0010ffff]+")
"""One segment of a secret."""

_CHECK = 4
_TRIES = 64
_UUID = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}"
)
_ALPHABETS = (
    string.digits,
    string.ascii_lowercase,
    string.ascii_uppercase,
    string.digits + "abcdef",
    string.digits + "ABCDEF",
    string.digits + string.ascii_lowercase,
    string.digits + string.ascii_uppercase,
    string.ascii_letters,
    string.ascii_letters + string.digits,
    string.ascii_letters + string.digits + "-_",
)
_HEX, _HEX_UPPER = _ALPHABETS[3:5]
_ALNUM = _ALPHABETS[-2]
_SETS = tuple((alphabet, frozenset(alphabet)) for alphabet in _ALPHABETS)
_TABLES = {
    alphabet: bytes(ord(alphabet[byte % len(alphabet)]) for byte in range(256))
    for alphabet in _ALPHABETS
}


class Pseudonyms:
    """The pseudonyms under one key, with a memory of those given so that none is given twice."""

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"a pseudonym key has at least {KEY_BYTES} bytes")
        self._key = key
        self._given: dict[str, str] = {}
        self._taken: set[str] = set()
        self.key_id = hmac.digest(key, b"wiretape key id", "sha256").hex()[:16]

    def of(self, text: str) -> str:
        """Give the text with every segment replaced."""
        return SEGMENT.sub(lambda match: self.segment(match[0]), text)

    def segment(self, segment: str) -> str:
        """Give a segment's pseudonym, in ASCII and as long as the segment is in UTF-8.

        It differs from the segment and from every other segment's pseudonym, unless so many short
        segments were seen that their alphabet is used up.
        """
        pseudonym = self._given.get(segment)
        if pseudonym is None:
            pseudonym = self._make(segment)
            self.assign(segment, pseudonym)
        return pseudonym

    def assign(self, segment: str, pseudonym: str) -> None:
        """Have a segment stand for what was made by other means, as a JWT's payload is."""
        self._given[segment] = pseudonym
        self._taken.add(pseudonym)

    def _make(self, segment: str) -> str:
        plain = segment.encode("utf-8", "surrogatepass")
        candidate = fallback = segment
        for counter in range(_TRIES):
            seed = hmac.digest(self._key, bytes([counter]) + plain, "sha256")
            candidate = _shape(segment, hashlib.shake_256(seed).digest(len(plain)))
            if candidate == segment:
                continue
            if candidate not in self._taken:
                return candidate
            fallback = candidate
        return fallback


def is_pseudonym(segment: str) -> bool:
    """Say whether a segment carries the check of a pseudonym.

    A secret does so by chance: digits one time in about 9,000, hexadecimals in 60,000, others in
    more than a million. A segment too short to carry a check is never called a pseudonym.
    """
    if not is_checked(segment):
        return False
    if _UUID.fullmatch(segment):
        segment = segment.replace("-", "")
    rest, check = segment[:-_CHECK], segment[-_CHECK:]
    letters = frozenset(segment)
    return any(
        letters <= members and _check(rest, alphabet) == check for alphabet, members in _SETS
    )


def is_checked(segment: str) -> bool:
    """Say whether a segment is long enough for its pseudonym to carry a check."""
    return len(segment) >= CHECKED


def load_key(path: Path) -> bytes:
    """Read a pseudonym key: all bytes of the file, at least 32.

    Raises BadInputError when the file cannot be read or is too short.
    """
    try:
        key = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{path}: cannot read the pseudonym key: {error.strerror}") from error
    if len(key) < KEY_BYTES:
        raise BadInputError(
            f"{path}: a pseudonym key has at least {KEY_BYTES} random bytes, this has {len(key)}; "
            f"make one with: head -c {KEY_BYTES} /dev/urandom > FILE"
        )
    return key


def _shape(segment: str, stream: bytes) -> str:
    """Write random bytes, one for each of the segment's, in the shape of the segment."""
    if _UUID.fullmatch(segment):
        return _uuid(segment, stream)
    alphabet = _alphabet(segment)
    body = stream.translate(_TABLES[alphabet]).decode()
    if alphabet is string.digits:
        # A number must not gain a leading zero, nor lose the one it has.
        first = "0" if segment[0] == "0" else string.digits[1 + stream[0] % 9]
        body = first + body[1:] if len(body) > 1 else body
    if not is_checked(body):
        return body
    return body[:-_CHECK] + _check(body[:-_CHECK], alphabet)


def _uuid(segment: str, stream: bytes) -> str:
    """Write a UUID of the same version and variant (RFC 9562, section 4)."""
    plain = segment.replace("-", "")
    alphabet = _HEX_UPPER if segment.upper() == segment else _HEX
    body = stream[:28].translate(_TABLES[alphabet]).decode()
    body = body[:12] + plain[12] + body[13:16] + plain[16] + body[17:]
    body += _check(body, alphabet)
    return "-".join((body[:8], body[8:12], body[12:16], body[16:20], body[20:]))


def _alphabet(segment: str) -> str:
    letters = frozenset(segment)
    return next((alphabet for alphabet, members in _SETS if letters <= members), _ALNUM)


def _check(rest: str, alphabet: str) -> str:
    digest = hashlib.sha256(b"wiretape pseudonym " + rest.encode()).digest()
    return digest[:_CHECK].translate(_TABLES[alphabet]).decode()
