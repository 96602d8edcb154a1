"""Quotation marks at whatever depth, and the values between them.

JSON inside a JSON string has its quotation marks escaped, and again at each further depth. Some
writers escape them as `\\u0022`, HTML as `&quot;`, URLs as `%22`.
"""

import re

from wiretape.recorder.redaction.quoting import HTML, PLAIN, Quoting

PLAIN_MARK = r"""(?:\\*+["']|\\++u0022|&quot;|&#34;)"""
"""A regular expression for one quotation mark, percent-encoded ones excepted."""

MARK = rf"(?:{PLAIN_MARK}|%(?:25)*+22)"
"""A regular expression for one quotation mark."""

_ENDS = {
    letter: re.compile(rf"(?<!\\)(\\*+)({ends})|\n")
    for letter, ends in (('"', '"'), ("'", "'"), ("2", '"|u0022'))
}
_HTML_END = re.compile(r"""&quot;|&#34;|["<>\n]""")


def closing(text: str, start: int, mark: str) -> tuple[int, Quoting]:
    """Find where the value that begins at `start`, after `mark`, ends, and how it is quoted.

    A value that is cut off, or whose surroundings end, ends there.
    """
    if mark[0] == "&":
        match = _HTML_END.search(text, start)
        return match.start() if match else len(text), HTML
    if mark[0] == "%":
        match = re.compile(rf"""{mark}|[&\s"'<>]""").search(text, start)
        return match.start() if match else len(text), PLAIN
    slashes = len(mark.rstrip("u02")) if mark[-1] == "2" else len(mark) - 1
    quoting = Quoting("json", slashes.bit_length() + 1)
    for match in _ENDS[mark[-1]].finditer(text, start):
        if match[2] is None:
            return match.start(), quoting
        run = len(match[1])
        if run < slashes and (run or match[2] != "u0022"):
            # A mark with fewer backslashes ends what surrounds the value.
            return match.start(), quoting
        if run % 2**quoting.depth == slashes and match[2][0] in mark:
            # One with more is the value's own, unless these are backslashes at the value's end.
            return match.end(1) - slashes, quoting
    return len(text), quoting
