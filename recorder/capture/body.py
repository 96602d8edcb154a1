"""A body as it passes: its first bytes are kept, the rest is counted."""

from collections.abc import Iterable

from wiretape.recorder.capture import content
from wiretape.recorder.log.records import Body, Header
from wiretape.recorder.redaction.redactor import Redactor


class PassingBody:
    """The body of a message with these (redacted) headers.

    At most `limit` bytes of it will be recorded. With `wire_size` what passes here has been decoded
    already, from so many bytes.
    """

    def __init__(self, headers: Iterable[Header], *, limit: int, wire_size: int | None) -> None:
        self.media_type, self.encoding = _content_headers(headers)
        self._limit = limit
        self._wire_size = wire_size
        self._kept: list[bytes] = []
        self._room = limit + content.OVERLAP
        self._size = 0

    @property
    def coding(self) -> str | None:
        """The Content-Encoding that is still to be undone, if any."""
        return self.encoding if self._wire_size is None else None

    def feed(self, chunk: bytes) -> None:
        """Take the next part."""
        self._size += len(chunk)
        if self._room > 0 and chunk:
            self._kept.append(chunk[: self._room])
            self._room -= len(chunk)

    def record(self, redactor: Redactor, *, ended: bool) -> Body | None:
        """Give what is recorded of it; nothing if it was empty. `ended`: it did not break off."""
        if not self._size:
            return None
        return content.body(
            b"".join(self._kept),
            size=self._size,
            limit=self._limit,
            media_type=self.media_type,
            encoding=self.encoding,
            redactor=redactor,
            wire_size=self._wire_size,
            ended=ended,
        )


def _content_headers(headers: Iterable[Header]) -> tuple[str | None, str | None]:
    media_type: str | None = None
    codings: list[str] = []
    for name, value in headers:
        match name.lower():
            case "content-type":
                media_type = value
            case "content-encoding":
                codings.append(value)
    return media_type, ", ".join(codings) or None
