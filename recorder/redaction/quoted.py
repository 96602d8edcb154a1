"""Quotation marks at whatever depth, and the values between them.

JSON inside a JSON string has its quotation marks escaped, and again at each further depth. Some
writers escape them as `\\u0022`, HTML as `&quot;`, URLs as `%22`.
"""

import re

from wiretape.recorder.redaction.quoting import HTML, PLAIN, Quoting

MARK = r"""(?:\\*+["']|\\++u0022|&quot;|&#34;|%(?:25)*+22)"""
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
    for match in _ENDS[mark[-1]].finditer(text, start):
        if match[2] is None or _closes(match[2], len(match[1]), mark[-1], slashes):
            end = match.start()
            break
    else:
        end = len(text)
    unescapings = slashes.bit_length() + 1
    return end, Quoting("json", unescapings)


def _closes(letter: str, run: int, mark: str, slashes: int) -> bool:
    """Say whether a quotation mark after a run of backslashes ends a value begun after `slashes`.

    With fewer backslashes it ends what surrounds the value. With more it is the value's own, unless
    these are backslashes at the value's end, which take twice as many and one more at each depth.
    """
    if mark == "2":
        return 0 < run <= slashes if letter == "u0022" else run < slashes
    return run < slashes or run % (2 * (slashes + 1)) == slashes
