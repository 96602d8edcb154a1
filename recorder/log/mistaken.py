"""Files that people take for recordings, known by how they begin."""

import re

from wiretape.recorder.log.printable import printable

_KINDS = (
    (rb"\x1f\x8b", "compressed with gzip: unpack it first, gunzip FILE"),
    (rb"\xef\xbb\xbf|\xff\xfe|\xfe\xff", "begins with a byte order mark: save it as UTF-8 without"),
    (rb'\s*\{\s*"log"\s*:', "this is a HAR file: wiretape import {name}"),
    (rb"(?:#[^\n]*\s+|\s+)*(?:name\s*=|\[standing\])", "this is a profile, not a recording"),
)


def mistaken(beginning: bytes, name: str) -> str | None:
    """Say what a file is that is no recording, and what to do; nothing if that is not known."""
    for pattern, what in _KINDS:
        if re.match(pattern, beginning):
            return what.format(name=printable(name))
    return None
