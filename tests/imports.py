"""Imports sources in tests: what a file becomes, checked for its records' consistency."""

from pathlib import Path
from typing import Any

from wiretape.recorder.importing.run import Settings, Source, run
from wiretape.recorder.log.consistency import Consistency
from wiretape.recorder.log.reader import read
from wiretape.recorder.log.records import End, Entry, Error, Event, Gap, Mark, Request, Response
from wiretape.recorder.redaction.redactor import Redactor


class Imported:
    """The records of the recording that a source became."""

    def __init__(self, source: Source, folder: Path) -> None:
        outcome = run(
            source,
            Settings(name="it", out=folder),
            Redactor(bytes(32)),
            watch=lambda _: None,
            warn=lambda _: None,
        )
        assert outcome.failed is None
        self.path = outcome.path
        consistency = Consistency()
        self.records: list[Entry] = []
        with read(outcome.path) as recording:
            self.opening = recording.opening
            for line in recording:
                assert list(consistency.see(line)) == []
                self.records.append(line.record)
        assert list(consistency.close()) == []

    def of[R: Entry](self, kind: type[R]) -> list[R]:
        return [record for record in self.records if isinstance(record, kind)]

    @property
    def requests(self) -> list[Request]:
        return self.of(Request)

    @property
    def responses(self) -> list[Response]:
        return self.of(Response)

    @property
    def events(self) -> list[Event]:
        return self.of(Event)

    @property
    def ends(self) -> list[End]:
        return self.of(End)

    @property
    def errors(self) -> list[Error]:
        return self.of(Error)

    @property
    def gaps(self) -> list[str]:
        return [gap.reason for gap in self.of(Gap)]

    @property
    def note(self) -> str | None:
        return self.of(Mark)[0].detail


def har(*entries: Any, creator: str = "a browser") -> dict[str, Any]:
    return {
        "log": {"version": "1.2", "creator": {"name": creator, "version": "1"}, "entries": entries}
    }


def har_entry(
    *,
    start: str = "2025-08-29T02:09:10.217Z",
    request: dict[str, Any] | None = None,
    response: dict[str, Any] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """An entry as HAR requires it, with what is to be otherwise."""
    return {
        "startedDateTime": start,
        "time": 100,
        "request": {
            "method": "GET",
            "url": "https://mcp.example.com/v1/sse",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [],
            "queryString": [],
            "headersSize": -1,
            "bodySize": 0,
        }
        | (request or {}),
        "response": {
            "status": 200,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [],
            "content": {"size": 0, "mimeType": ""},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        }
        | (response or {}),
        "cache": {},
        "timings": {"send": 10, "wait": 50, "receive": 40},
    } | fields


def headers(**values: str) -> list[dict[str, str]]:
    return [{"name": name.replace("_", "-"), "value": value} for name, value in values.items()]
