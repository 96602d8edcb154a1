"""Quotes the lines that are evidence, in a second and cheap reading of only those lines."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC
from pathlib import Path

import msgspec

from wiretape.analysis.facts import Place
from wiretape.analysis.report.model import Quote
from wiretape.recorder.log.exchanges import header
from wiretape.recorder.log.jsonrpc import Call, Failure, Notification, Result, messages
from wiretape.recorder.log.printable import printable
from wiretape.recorder.log.records import (
    MAX_LINE,
    Content,
    End,
    Entry,
    Error,
    Event,
    Gap,
    Mark,
    Request,
    Response,
)

MOST = 4000
"""The most lines that are quoted."""

_LONGEST = 240
_ENTRY = msgspec.json.Decoder(Entry)
_REQUEST = b'"type":"request"'


class _Head(msgspec.Struct):
    exchange: int


_HEAD = msgspec.json.Decoder(_Head)


def quotes(paths: Sequence[Path], places: Iterable[Place]) -> tuple[Quote, ...]:
    """Quote lines, the first `MOST` of them; a line that cannot be read again is left out."""
    wanted = sorted(set(places))[:MOST]
    found: list[Quote] = []
    for recording, path in enumerate(paths):
        lines = {place.line for place in wanted if place.recording == recording}
        if lines:
            found += _of_recording(recording, path, lines)
    return tuple(found)


def _of_recording(recording: int, path: Path, wanted: set[int]) -> Iterator[Quote]:
    entries = dict(_entries(path, wanted))
    exchanges = {_exchange(entry) for entry in entries.values()} - {None}
    requests = _requests(path, exchanges, max(wanted))
    for line, entry in entries.items():
        yield Quote(
            place=Place(recording, line),
            at=entry.at.astimezone(UTC).isoformat(timespec="milliseconds"),
            kind=type(entry).__name__.lower(),
            gist=printable(gist(entry, requests.get(_exchange(entry))))[:_LONGEST],
        )


def _entries(path: Path, wanted: set[int]) -> Iterator[tuple[int, Entry]]:
    for number, line in _lines(path, max(wanted)):
        if number in wanted:
            with suppress(ValueError, RecursionError):
                yield number, _ENTRY.decode(line)


def _requests(path: Path, exchanges: set[int | None], last: int) -> dict[int | None, str]:
    """Find how the requests of exchanges begin: with a method and a URL."""
    found: dict[int | None, str] = {}
    if not exchanges:
        return found
    for _, line in _lines(path, last):
        if _REQUEST not in line[:64] or _HEAD.decode(line).exchange not in exchanges:
            continue
        request = _ENTRY.decode(line)
        if isinstance(request, Request):
            found[request.exchange] = f"{request.method} {request.url}"
    return found


def _lines(path: Path, last: int) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        for number in range(1, last + 1):
            yield number, file.readline(MAX_LINE + 1)


def _exchange(entry: Entry) -> int | None:
    """Give the exchange whose request is worth naming beside an entry."""
    return None if isinstance(entry, Mark | Request) else entry.exchange


def gist(entry: Entry, request: str | None) -> str:
    """Say in one line what a record tells; `request` is how its request begins."""
    match entry:
        case Request():
            said = f"{entry.method} {entry.url} {_said(entry.body)}"
        case Response():
            said = " ".join([str(entry.status), *_telling(entry), _said(entry.body)])
        case Event():
            said = f"event {entry.event or 'message'} {_said(entry.data)}"
        case End():
            said = f"{entry.how} {entry.detail or ''}"
        case Error():
            said = f"{entry.kind}: {entry.detail}"
        case Mark():
            said = f"{entry.name} {entry.detail or ''}"
        case Gap():
            said = f"{entry.lost} lost: {entry.reason}"
    return " ".join(f"{said} ← {request}".split()) if request else " ".join(said.split())


_TELLING = ("content-type", "location", "www-authenticate")


def _telling(response: Response) -> Iterator[str]:
    for name in _TELLING:
        if value := header(response.headers, name):
            yield value if name == "content-type" else f"{name}: {value}"


def _said(content: Content | None) -> str:
    """Name the JSON-RPC messages of a content."""
    return ", ".join(
        message.method
        if isinstance(message, Call | Notification)
        else f"error {message.code}"
        if isinstance(message, Failure)
        else "result"
        for message in messages(content)[:3]
        if isinstance(message, Call | Notification | Failure | Result)
    )
