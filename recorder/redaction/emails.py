"""E-mail addresses, plain and percent-encoded."""

import re
import string
from collections.abc import Iterator

from wiretape.recorder.redaction.place import Place, run_before

_AT = re.compile(r"(?:@|%40)((?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})")
_LOCAL_LETTERS = string.ascii_letters + string.digits + "._+-"
_LONGEST_LOCAL = 64


def emails(text: str) -> Iterator[Place]:
    """Find the e-mail addresses in a text."""
    for match in _AT.finditer(text):
        start = run_before(text, match.start(), _LOCAL_LETTERS, _LONGEST_LOCAL)
        local = text[start : match.start()]
        if local:
            plain = f"{local}@{match[1]}"
            yield Place(start, match.end(), plain, "email", "email")
