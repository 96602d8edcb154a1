"""From bytes to what a recording keeps of them: decoded, redacted, in their most readable form.

Redaction works on text, so bytes that are no text are read as ISO-8859-1 for it and back. What was
cut off at the limit is redacted with some overlap first, so that no secret survives in half.
"""

import re
from base64 import b64encode
from codecs import getincrementaldecoder
from contextlib import suppress
from urllib.parse import parse_qsl

import msgspec

from wiretape.recorder.log.records import Body, Content, digest
from wiretape.recorder.redaction.redactor import Redactor
from wiretape.recorder.wire.coding import CodingError, decoder

OVERLAP = 8192
"""Bytes to keep beyond the limit until redaction is done: longer than any token in the wild."""

_JSON = re.compile(r"application/(?:[\w.-]+\+)?json\b", re.IGNORECASE)
_FORM = "application/x-www-form-urlencoded"
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]+)", re.IGNORECASE)
_DEEP = 1000
_LOOKS_LIKE_JSON = ("{", "[")
_UNSAFE_CHARSETS = ("punycode", "idna", "unicode_escape", "raw_unicode_escape")


def body(
    kept: bytes,
    *,
    size: int,
    limit: int,
    media_type: str | None,
    encoding: str | None,
    redactor: Redactor,
    wire_size: int | None = None,
    ended: bool = True,
) -> Body:
    """Make the record of a body from its first bytes on the wire.

    `kept` are at most `limit + OVERLAP` bytes of the `size` that passed. With `wire_size` they are
    decoded already, and that was the body's size before. `ended`: it did not break off.
    """
    undecoded = None
    data, whole = kept, size == len(kept)
    if encoding and wire_size is None:
        try:
            data, whole = _decode(kept, encoding, limit + OVERLAP, whole)
        except CodingError as error:
            data, undecoded = b"", str(error)
    content = recorded(
        data, media_type=media_type, limit=limit, whole=whole, ended=ended, redactor=redactor
    )
    return Body(
        json=content.json,
        form=content.form,
        text=content.text,
        base64=content.base64,
        cut=content.cut,
        size=size if wire_size is None else wire_size,
        sha256=digest(content.data()),
        media_type=media_type,
        encoding=encoding,
        undecoded=undecoded,
    )


def recorded(
    data: bytes,
    *,
    media_type: str | None,
    limit: int,
    whole: bool,
    redactor: Redactor,
    ended: bool = True,
) -> Content:
    """Redact decoded bytes and choose their form.

    `whole` says that nothing was left out so far, `ended` that they did not break off.
    """
    redact = redactor.text if whole and ended else redactor.broken_text
    text = _text(data, media_type, whole=whole and ended)
    if text is None:
        redacted = redact(data.decode("latin-1")).encode("latin-1")
        cut = not whole or len(data) > limit
        return Content(base64=b64encode(redacted[:limit]).decode("ascii"), cut=cut)
    redacted_text = redact(text)
    if not whole or len(data) > limit:
        return Content(text=redacted_text[:limit], cut=True)
    kind = media_type or ""
    if _JSON.match(kind) or text.lstrip()[:1] in _LOOKS_LIKE_JSON:
        json = compact_json(redacted_text)
        if json is not None:
            return Content(json=json)
    elif kind.lower().startswith(_FORM):
        form = _form(redacted_text)
        if form is not None:
            return Content(form=form)
    return Content(text=redacted_text)


def compact_json(text: str) -> msgspec.Raw | None:
    """Take the white space out of JSON and leave all else as it is; None if it is not JSON.

    JSON nested so deeply that a reader could not take it in as part of a record is none, either.
    """
    try:
        data = text.encode()
        if text.count("[") + text.count("{") > _DEEP:
            msgspec.json.format(b"[" * _DEEP + data + b"]" * _DEEP, indent=-1)
        return msgspec.Raw(msgspec.json.format(data, indent=-1))
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return None


def encoded(text: str, media_type: str | None) -> bytes:
    """Give the bytes that a text came from: in its charset, in UTF-8 where that cannot be."""
    charset = _charset(media_type)
    if charset is not None:
        with suppress(UnicodeError, LookupError):
            return text.encode(charset)
    return text.encode(errors="replace")


def _decode(data: bytes, encoding: str, limit: int, whole: bool) -> tuple[bytes, bool]:
    pieces: list[bytes] = []
    size = 0
    for piece in decoder(encoding).feed(data):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            return b"".join(pieces)[:limit], False
    return b"".join(pieces), whole


def _text(data: bytes, media_type: str | None, *, whole: bool) -> str | None:
    charset = _charset(media_type)
    if charset is None:
        return None
    try:
        " ".encode(charset)  # raises for codecs that are not for text
        # A cut may go through a character, whose first bytes are then left out.
        return getincrementaldecoder(charset)("strict").decode(data, final=whole)
    except (UnicodeError, LookupError):
        return None


def _charset(media_type: str | None) -> str | None:
    named = _CHARSET.search(media_type or "")
    charset = named[1].lower() if named else "utf-8"
    return None if charset in _UNSAFE_CHARSETS else charset


def _form(text: str) -> tuple[tuple[str, str], ...] | None:
    """Read a form, unless reading it would lose something."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        return None
    return tuple(pairs) if len(pairs) == text.count("&") + 1 else None
