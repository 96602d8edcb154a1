"""Quotes the lines that are evidence, in a second and cheap reading of only those lines."""

import re
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
_REQUEST_LINE = msgspec.json.Decoder(Request)
_BLOCK = 2**20
_REQUEST = re.compile(rb'\n(\{"type":"request","at":"[^"]*","t":[^,]*,"exchange":(\d+),[^\n]*)')
"""How the recorder begins a request's line; spelt otherwise it is not named beside its answers."""


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
    requests = _requests(path, exchanges, max(wanted)) if exchanges else {}
    for line, entry in entries.items():
        yield Quote(
            place=Place(recording, line),
            at=entry.at.astimezone(UTC).isoformat(timespec="milliseconds"),
            kind=type(entry).__name__.lower(),
            gist=printable(gist(entry, requests.get(_exchange(entry))))[:_LONGEST],
        )


def _entries(path: Path, wanted: set[int]) -> Iterator[tuple[int, Entry]]:
    for first, block in _blocks(path, max(wanted)):
        if wanted.isdisjoint(range(first, first + block.count(b"\n") + 1)):
            continue
        for number, line in enumerate(block.split(b"\n"), first):
            if number in wanted:
                with suppress(ValueError, RecursionError):
                    yield number, _ENTRY.decode(line)


def _requests(path: Path, exchanges: set[int | None], last: int) -> dict[int | None, str]:
    """Find how the requests of exchanges begin: with a method and a URL."""
    found: dict[int | None, str] = {}
    for _, block in _blocks(path, last):
        for line, number in _REQUEST.findall(b"\n" + block):
            if (exchange := int(number)) in exchanges:
                with suppress(ValueError, RecursionError):
                    request = _REQUEST_LINE.decode(line)
                    found[exchange] = f"{request.method} {request.url}"
    return found


def _blocks(path: Path, last: int) -> Iterator[tuple[int, bytes]]:
    """Read whole lines, many at a time, as far as one of them; with the number of the first."""
    first = 1
    with path.open("rb") as file:
        while first <= last and (block := file.read(_BLOCK)):
            block += file.readline()
            yield first, block
            first += block.count(b"\n")


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
