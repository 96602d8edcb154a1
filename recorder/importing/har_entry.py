"""One entry of a HAR file as a captured exchange.

HAR has texts where the wire has bytes, and bodies without the coding that their headers name.
"""

from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit

from wiretape.recorder.capture.content import encoded
from wiretape.recorder.importing.captured import Captured, Chunk, Message, RawHeaders, Reply
from wiretape.recorder.importing.har_model import Entry, EventMessage, Pair, Request
from wiretape.recorder.wire.sse import EventStream, serialised

_VERSIONS = {"H2": "HTTP/2.0", "HTTP/2": "HTTP/2.0", "H3": "HTTP/3", "HTTP/3.0": "HTTP/3"}
_FORM = "application/x-www-form-urlencoded"

_REDIRECTS = range(300, 400)


def captured(entry: Entry, connection: str, next_start: datetime | None = None) -> Captured:
    """Take an entry for what it says, the next one beginning at `next_start`.

    Durations in HAR files are coarse, and mitmproxy's count connecting, which was before. But a
    redirect comes before the request that follows it, whatever they say.

    Raises ValueError, OverflowError or OSError for Base64, times or a URL that are none.
    """
    timings = entry.timings
    start = entry.started_date_time.astimezone(UTC)
    end = start + _duration(entry.time)
    if next_start is not None and entry.response.status in _REDIRECTS:
        end = min(end, next_start)
    sent = start + _duration(timings.blocked, timings.dns, timings.connect, timings.send)
    answered = end if timings.wait is None else sent + _duration(timings.wait)
    url = entry.request.url
    return Captured(
        connection=connection,
        start=start,
        method=entry.request.method,
        url=url,
        request=_request(entry.request, min(sent, end)),
        reply=_reply(entry, min(answered, end), end) if entry.response.status else None,
        end=end,
        error=entry.response.error or None,
        peer=urlsplit(url).netloc.rpartition("@")[2],
    )


def _request(request: Request, sent: datetime) -> Message:
    headers = _headers(request.headers)
    post, data, missing = request.post_data, b"", None
    if post and post.text:
        data = _bytes(post.text, post.encoding, _media_type(headers))
    elif post and post.params and post.mime_type.lower().startswith(_FORM):
        data = urlencode([(p.name, p.value) for p in post.params], errors="replace").encode()
    elif (post and post.params) or (request.body_size or 0) > 0:
        missing = "the body of a request is not in the HAR file as it was sent"
    return Message(
        http=_version(request.http_version),
        headers=headers,
        chunks=((sent, data),),
        wire_size=_wire_size(request.body_size, data),
        missing=missing,
    )


def _reply(entry: Entry, answered: datetime, end: datetime) -> Reply:
    response, content = entry.response, entry.response.content
    headers = _headers(response.headers)
    media_type = _media_type(headers)
    data = _bytes(content.text or "", content.encoding, media_type)
    chunks: tuple[Chunk, ...] = ((end, data),)
    if entry.event_source_messages and media_type.startswith("text/event-stream"):
        chunks = tuple(_events(data, entry.event_source_messages, end))
    return Reply(
        at=answered,
        http=_version(response.http_version),
        status=response.status,
        reason=response.status_text,
        headers=headers,
        chunks=chunks,
        wire_size=_wire_size(response.body_size, data),
        missing=_missing(entry, chunks),
    )


def _missing(entry: Entry, chunks: tuple[Chunk, ...]) -> str | None:
    if entry.web_socket_messages:
        return "WebSocket messages are not recorded"
    if (entry.response.content.size or 0) > 0 and not any(data for _, data in chunks):
        return "the body of a response is not in the HAR file"
    return None


def _events(data: bytes, messages: tuple[EventMessage, ...], end: datetime) -> Iterator[Chunk]:
    """Cut a stream into its events, each at its time, if the messages are those of the stream."""
    times = [datetime.fromtimestamp(message.time, UTC) for message in messages]
    if not data:
        for message, time in zip(messages, times, strict=True):
            yield time, _event(message)
        return
    sizes = [event.size for event in EventStream(limit=len(data)).feed(data)]
    start = 0
    if len(sizes) == len(times):
        for size, time in zip(sizes, times, strict=True):
            yield time, data[start : start + size]
            start += size
    yield end, data[start:]


def _event(message: EventMessage) -> bytes:
    name = None if message.event_name in (None, "", "message") else message.event_name
    fields = ((b"event", name), (b"id", message.event_id or None), (b"data", message.data))
    return serialised((key, _utf8(value)) for key, value in fields if value is not None) + b"\n"


def _headers(pairs: tuple[Pair, ...]) -> RawHeaders:
    """Give the headers without HTTP/2's pseudo headers, repeated ones apart that Chromium joins."""
    return tuple(
        (_header(pair.name), _header(value))
        for pair in pairs
        if not pair.name.startswith(":")
        for value in pair.value.split("\n")
    )


def _header(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return _utf8(text)


def _media_type(headers: RawHeaders) -> str:
    found = [value for name, value in headers if name.lower() == b"content-type"]
    return found[-1].decode("latin-1").lower() if found else ""


def _bytes(text: str, encoding: str | None, media_type: str) -> bytes:
    return b64decode(text, validate=True) if encoding == "base64" else encoded(text, media_type)


def _wire_size(body_size: float | None, data: bytes) -> int:
    return int(body_size) if body_size and body_size > 0 else len(data)


def _version(name: str) -> str:
    name = name.upper()
    return _VERSIONS.get(name, name)


def _duration(*milliseconds: float | None) -> timedelta:
    """Add up phases; -1 stands for one that does not apply."""
    return timedelta(milliseconds=sum(max(phase or 0, 0) for phase in milliseconds))


def _utf8(text: str) -> bytes:
    return text.encode(errors="replace")
