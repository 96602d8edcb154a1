"""How a text can be written inside another: as a JSON string, percent-encoded, in HTML.

The pseudonym of a text has the same characters between its segments as the text, and letters,
digits, `_` and `-` in them. What is true of the quoting of one is therefore true of the other.
"""

import html
import json
import re
from collections.abc import Callable
from typing import Literal, NamedTuple
from urllib.parse import quote, quote_plus, unquote

_ALWAYS_SAFE = re.compile(r"[A-Za-z0-9_.~-]+")
_ENCODED_RUN = re.compile(r"((?:%[0-9A-Fa-f]{2})+)")
_SAFE_LETTER = re.compile(r"%[0-9A-F]{2}|[^%]")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_LOWER_ESCAPE = re.compile(r"%[0-9A-Fa-f]*[a-f]")
_UPPER_ESCAPE = re.compile(r"%[0-9A-Fa-f]*[A-F]")
_NO_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Quoting(NamedTuple):
    """How a place quotes its value: nothing, a JSON string `depth` times over, or HTML."""

    kind: Literal["plain", "json", "html"] = "plain"
    depth: int = 1


PLAIN = Quoting()
JSON = Quoting("json")
HTML = Quoting("html")


def unquoted(raw: str, quoting: Quoting) -> str:
    """Give the plain text; a text that is not quoted right is taken as it stands."""
    if quoting.kind == "html":
        return html.unescape(raw)
    if quoting.kind == "json" and "\\" in raw:
        plain = raw
        for _ in range(quoting.depth):
            try:
                plain = json.loads(f'"{plain}"', strict=False)
            except ValueError:
                return raw
        return encodable(plain)
    return raw


def encodable(text: str) -> str:
    """Give the text with a question mark for each lone surrogate, which UTF-8 cannot encode."""
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()


def requoted(plain: str, quoting: Quoting) -> str:
    """Quote a text."""
    if quoting.kind == "html":
        return html.escape(plain)
    if quoting.kind == "json":
        for _ in range(quoting.depth):
            plain = _json(plain)
    return plain


def percent_encoded_like(plain: str, raw: str) -> str:
    """Percent-encode a text the way `raw`, of which it is the decoded pseudonym, was encoded.

    What need not be encoded is so where it was, `%41` for one.
    """
    safe = _ALWAYS_SAFE.sub("", raw).replace("%", "")
    runs = _ENCODED_RUN.split(raw)  # every second one is encoded
    encoded, start = "", 0
    for index, run in enumerate(runs):
        end = start + len(unquote(run))
        part = plain[start:end] if index + 1 < len(runs) else plain[start:]
        written = quote(part, safe=safe, errors="replace")
        encoded += _SAFE_LETTER.sub(_escape, written) if index % 2 else written
        start = end
    lower = _LOWER_ESCAPE.search(raw) and not _UPPER_ESCAPE.search(raw)
    return _lower_escapes(encoded) if lower else encoded


def _escape(letter: re.Match[str]) -> str:
    """Give the percent-encoding of an ASCII character."""
    return letter[0] if letter[0][0] == "%" else f"%{ord(letter[0]):02X}"


def percent_decoded(text: str) -> str:
    """Undo one percent-encoding; what is none, or none of UTF-8, stays. A plus sign stays one."""
    if "%" not in text or _NO_ESCAPE.search(text):
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text


def forms(plain: str, pseudonym: str, layers: int) -> dict[str, str]:
    """Give each way in which a text may be written, with its pseudonym written so too.

    So many `layers` of quoting lie over one another at most, and one more of JSON if there may be
    several.
    """
    known = layer = {plain: pseudonym}
    if _ALWAYS_SAFE.fullmatch(plain):
        return known
    for writers in (_WRITERS,) * layers + (_JSON_WRITERS,) * (layers > 1):
        layer = {write(form): write(layer[form]) for form in layer for write in writers}
        known = layer | known
    return known


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _json_ascii(text: str) -> str:
    return json.dumps(text)[1:-1]


def _json_slashes(text: str) -> str:
    """Write a JSON string as PHP does."""
    return _json_ascii(text).replace("/", "\\/")


def _json_html_safe(text: str) -> str:
    """Write a JSON string as Go does."""
    return _json(text).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _percent(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _percent_but_slash(text: str) -> str:
    return quote(text, errors="replace")


def _percent_component(text: str) -> str:
    """Write a URL component as encodeURIComponent does (ECMA-262, 19.2.6.4)."""
    return quote(text, safe="!'()*", errors="replace")


def _percent_form(text: str) -> str:
    return quote_plus(text, errors="replace")


def _percent_urlencoded(text: str) -> str:
    """Write a form's value as URLSearchParams does (URL Standard, 5.2)."""
    return quote_plus(text, safe="*", errors="replace").replace("~", "%7E")


def _lower_escapes(text: str) -> str:
    return _ESCAPE.sub(lambda match: match[0].lower(), text)


def _percent_lower(text: str) -> str:
    return _lower_escapes(_percent(text))


def _percent_form_lower(text: str) -> str:
    return _lower_escapes(_percent_form(text))


_JSON_WRITERS: tuple[Callable[[str], str], ...] = (
    _json,
    _json_ascii,
    _json_slashes,
    _json_html_safe,
)
_WRITERS = (
    *_JSON_WRITERS,
    _percent,
    _percent_but_slash,
    _percent_component,
    _percent_form,
    _percent_urlencoded,
    _percent_lower,
    _percent_form_lower,
    html.escape,
)
