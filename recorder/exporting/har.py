"""Writes a recording as HAR 1.2 (the Web Performance group's draft).

HAR knows no streams, so the text of an SSE response is put together again from its events; when
they passed stands in `_eventSourceMessages`, as Chromium writes it. A request without a response
has the status 0 and `_error`. Bodies are decoded, and redacted as they are in the recording.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from wiretape.recorder.errors import BadInputError
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.exchanges import Exchange, Fold, header
from wiretape.recorder.log.reader import Reading
from wiretape.recorder.log.records import Body, Content, End, Error, Event, Gap, Header, Mark
from wiretape.recorder.wire.sse import serialised

type Json = dict[str, Any]

_UNKNOWN = -1
_to_json = msgspec.json.Encoder().encode


def export(recording: Reading) -> Iterator[bytes]:
    """Give the file piece by piece, an entry as soon as its exchange has ended.

    In memory are the exchanges under way with their events. Raises BadInputError as reading does.
    """
    creator = {"name": "wiretape", "version": version("wiretape")}
    yield b'{"log":{"version":"1.2","creator":' + _to_json(creator) + b',"entries":['
    fold, separator = Fold(), b"\n"
    lost = failures = marks = 0
    for line in recording:
        match line.record:
            case Gap(lost=count):
                lost += count
            case Error(exchange=None):
                failures += 1
            case Mark():
                marks += 1
        if exchange := fold.add(line):
            yield separator + _entry(exchange, recording.name)
            separator = b",\n"
    for exchange in fold.unfinished():
        yield separator + _entry(exchange, recording.name)
        separator = b",\n"
    comment = (
        "Secrets are replaced by pseudonyms, bodies are decoded."
        f" Not in this file: {counted(lost + fold.strays, 'record')} that the recording lost,"
        f" {counted(failures, 'connection')} that failed before a request,"
        f" {counted(marks, 'mark')}."
    )
    yield b'\n],"comment":' + _to_json(comment) + b"}}\n"


def _entry(exchange: Exchange, name: str) -> bytes:
    try:
        return _to_json(entry(exchange))
    except ValueError as error:
        raise BadInputError(f"{name}:{exchange.lines.request}: this exchange: {error}") from None


def entry(exchange: Exchange) -> Json:
    """Give the entry of an exchange; raises ValueError for Base64 that is none."""
    request, response = exchange.request, exchange.response
    last = exchange.last or next(reversed(exchange.events), None) or response or request
    end = max(last.t, request.t)
    answered = min(max(response.t, request.t), end) if response else end
    wait, receive = _milliseconds(answered - request.t), _milliseconds(end - answered)
    found: Json = {
        "startedDateTime": request.at,
        "time": round(wait + receive, 3),
        "request": _request(exchange),
        "response": _response(exchange) | _error(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": wait, "receive": receive},
        "connection": request.connection,
    }
    if exchange.events:
        found["_eventSourceMessages"] = [_message(event) for event in exchange.events]
    return found


def _request(exchange: Exchange) -> Json:
    request = exchange.request
    found: Json = {
        "method": request.method,
        "url": request.url,
        "httpVersion": _version(request.http),
        "cookies": _cookies(request.headers, "cookie"),
        "headers": _pairs(request.headers),
        "queryString": _query(request.url),
        "headersSize": _UNKNOWN,
        "bodySize": request.body.size if request.body else 0,
    }
    if request.body:
        text, encoding = _text(request.body)
        found["postData"] = _comment(request.body) | {
            "mimeType": request.body.media_type or "",
            "text": text,
        }
        if encoding:  # HAR has a word for it only in responses
            found["postData"]["_encoding"] = encoding
    return found


def _response(exchange: Exchange) -> Json:
    response = exchange.response
    if response is None:
        return {
            "status": 0,
            "statusText": "",
            "httpVersion": "",
            "cookies": [],
            "headers": [],
            "content": {"size": 0, "mimeType": ""},
            "redirectURL": "",
            "headersSize": _UNKNOWN,
            "bodySize": _UNKNOWN,
        }
    body = _stream(exchange.events) if response.stream else response.body
    content: Json = {"size": 0, "mimeType": header(response.headers, "content-type") or ""}
    if body:
        content |= _comment(body) | {"size": len(body.data())}
        content["text"], encoding = _text(body)
        if encoding:
            content["encoding"] = encoding
    size = response.body.size if response.body else 0
    return {
        "status": response.status,
        "statusText": response.reason,
        "httpVersion": _version(response.http),
        "cookies": _cookies(response.headers, "set-cookie"),
        "headers": _pairs(response.headers),
        "content": content,
        "redirectURL": header(response.headers, "location") or "",
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN if response.stream else size,
    }


def _stream(events: Iterable[Event]) -> Content | None:
    """Put a stream together again; its comments are not in the recording."""
    parts, cut = [], False
    for event in events:
        fields = [(b"event", event.event), (b"id", event.id), (b"retry", event.retry)]
        lines = [(name, None if value is None else value.encode()) for name, value in fields]
        lines.append((b"data", None if event.data is None else event.data.data()))
        cut |= event.data is not None and event.data.cut
        parts.append(serialised(lines) + (b"" if event.incomplete else b"\n"))
    data = b"".join(parts)
    if not data:
        return None
    try:
        return Content(text=data.decode(), cut=cut)
    except UnicodeDecodeError:
        return Content(base64=b64encode(data).decode("ascii"), cut=cut)


def _message(event: Event) -> Json:
    return {
        "time": event.at.timestamp(),
        "eventName": event.event or "message",
        "eventId": event.id or "",
        "data": event.data.data().decode(errors="replace") if event.data else "",
    }


def _error(exchange: Exchange) -> Json:
    match exchange.last:
        case End(how="complete"):
            return {}
        case End(how=how, detail=detail):
            return {"_error": detail or how}
        case Error(detail=detail):
            return {"_error": detail}
        case None:
            return {"_error": "the recording ends before this exchange does"}


def _text(content: Content) -> tuple[str, str | None]:
    """Give the text of a body, and its encoding if it is not a text."""
    if content.base64 is not None:
        return content.base64, "base64"
    return content.data().decode(), None


def _comment(content: Content) -> Json:
    if isinstance(content, Body) and content.undecoded:
        return {"comment": f"not in the recording: {content.undecoded}"}
    return {"comment": "cut: the rest is not in the recording"} if content.cut else {}


def _pairs(headers: Iterable[Header]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in headers]


def _query(url: str) -> list[Json]:
    try:
        return _pairs(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    except ValueError:
        return []


def _cookies(headers: Iterable[Header], name: str) -> list[Json]:
    """Give the names and values in `cookie` headers, and what `set-cookie` headers begin with."""
    split = [value.split(";") for key, value in headers if key.lower() == name]
    cookies = [part for parts in split for part in (parts if name == "cookie" else parts[:1])]
    return [
        {"name": key.strip(), "value": value.strip()}
        for key, _, value in (cookie.partition("=") for cookie in cookies)
    ]


def _version(http: str) -> str:
    return "HTTP/2" if http == "HTTP/2.0" else http


def _milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 3)
