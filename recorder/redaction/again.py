"""Redacts a recording once more: with more rules than before, or under another key."""

from base64 import b64encode
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import msgspec
from msgspec import UNSET, Raw
from msgspec.structs import replace

from wiretape.recorder.errors import BadInputError, EnvironmentFaultError
from wiretape.recorder.log.reader import Reading
from wiretape.recorder.log.records import (
    Body,
    Content,
    End,
    Entry,
    Error,
    Event,
    Gap,
    Header,
    Mark,
    Recording,
    Request,
    Response,
    digest,
)
from wiretape.recorder.log.writer import Writer
from wiretape.recorder.redaction.redactor import Redactor


def redact_again(recording: Reading, out: Path, redactor: Redactor) -> None:
    """Write a recording anew to `out`, record by record. If that fails there is no `out`.

    Raises BadInputError for what cannot be read, EnvironmentFaultError for what cannot be written.
    """
    writer = Writer(out, opening(recording.opening, redactor), warn=lambda _: None)
    try:
        _copy(recording, writer, redactor)
    except BaseException:
        out.unlink()
        raise
    finally:
        writer.close()


def _copy(recording: Reading, writer: Writer, redactor: Redactor) -> None:
    last = None
    for number, record in recording:
        try:
            last = entry(record, redactor)
        except ValueError as error:
            raise BadInputError(f"{recording.name}:{number}: {error}") from None
        writer.append(last)
        if writer.failed:
            raise EnvironmentFaultError(f"{writer.failed}, and is removed")
    if recording.cut and last:
        writer.append(Gap(at=last.at, t=last.t, reason="the last line was cut off", lost=1))


def opening(record: Recording, redactor: Redactor) -> Recording:
    """Redact a first line, and name the key that the pseudonyms are now made with."""
    return replace(
        record, key_id=redactor.key_id, provenance=_optional(record.provenance, redactor)
    )


def entry(record: Entry, redactor: Redactor) -> Entry:
    """Redact all texts of a record.

    Raises ValueError for headers that are not ISO-8859-1 and for Base64 that is none.
    """
    match record:
        case Request():
            return replace(
                record,
                url=redactor.url(record.url),
                headers=_headers(record.headers, redactor),
                body=_body(record.body, redactor),
                trailers=_headers(record.trailers, redactor),
            )
        case Response():
            return replace(
                record,
                reason=redactor.text(record.reason),
                headers=_headers(record.headers, redactor),
                body=_body(record.body, redactor),
                trailers=_headers(record.trailers, redactor),
            )
        case Event():
            return replace(
                record,
                event=_optional(record.event, redactor),
                id=_optional(record.id, redactor),
                retry=_optional(record.retry, redactor),
                data=record.data and content(record.data, redactor),
            )
        case End() | Mark():
            return replace(record, detail=_optional(record.detail, redactor))
        case Error():
            return replace(
                record,
                detail=redactor.text(record.detail),
                peer=_optional(record.peer, redactor),
            )
        case Gap():
            return replace(record, reason=redactor.text(record.reason))


def content[C: Content](found: C, redactor: Redactor) -> C:
    """Redact content in the form that it has; what then cannot keep its form is a text."""
    if found.base64 is not None:
        text = found.data().decode("latin-1")
        redacted = redactor.text(text).encode("latin-1")
        return replace(found, base64=b64encode(redacted).decode("ascii"))
    if found.json is not UNSET:
        text = redactor.text(bytes(found.json).decode())
        return replace(found, json=Raw(text.encode())) if _is_json(text) else _as_text(found, text)
    if found.form is not None:
        text = redactor.text(urlencode(found.form))
        form = tuple(parse_qsl(text, keep_blank_values=True))
        same = [name for name, _ in form] == [name for name, _ in found.form]
        return replace(found, form=form) if same else _as_text(found, text)
    return replace(found, text=_optional(found.text, redactor))


def _body(body: Body | None, redactor: Redactor) -> Body | None:
    if body is None:
        return None
    redacted = content(body, redactor)
    return replace(
        redacted,
        sha256=digest(redacted.data()),
        media_type=_optional(body.media_type, redactor),
        undecoded=_optional(body.undecoded, redactor),
    )


def _as_text[C: Content](found: C, text: str) -> C:
    return replace(found, json=UNSET, form=None, text=text)


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text, type=Raw)
    except (ValueError, RecursionError):
        return False
    return True


def _headers(headers: tuple[Header, ...], redactor: Redactor) -> tuple[Header, ...]:
    return redactor.headers(
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers
    )


def _optional(text: str | None, redactor: Redactor) -> str | None:
    return None if text is None else redactor.text(text)
