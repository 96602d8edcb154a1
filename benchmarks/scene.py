"""Where a made-up recording comes about: what is sent and received becomes records, in time."""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from msgspec import Raw

from wiretape.recorder.log.records import (
    Body,
    Content,
    End,
    Entry,
    Error,
    Event,
    Header,
    Request,
    Response,
    digest,
)

START = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
REASONS = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    302: "Found",
    307: "Temporary Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    429: "Too Many Requests",
    502: "Bad Gateway",
}

type Headers = tuple[Header, ...]


@dataclass
class _Open:
    """An exchange under way."""

    connection: str
    http: str
    events: int = 0
    comments: int = 0


class Scene:
    """The time, `now`, in seconds since the recording's start, and the records so far.

    `records` is taken away, and the rest counted, by whoever writes them.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.records: list[Entry] = []
        self.counts: Counter[str] = Counter()
        self._open: dict[int, _Open] = {}
        self._date = (-1, "")

    @property
    def date(self) -> str:
        """The time as a `Date` header (RFC 9110, section 5.6.7)."""
        second = int(self.now)
        if self._date[0] != second:
            when = time.gmtime(START.timestamp() + second)
            self._date = (second, time.strftime("%a, %d %b %Y %H:%M:%S GMT", when))
        return self._date[1]

    def connect(self) -> str:
        """Name a new connection."""
        self.counts["connections"] += 1
        return f"c{self.counts['connections']}"

    def request(
        self,
        connection: str,
        method: str,
        url: str,
        *,
        http: str,
        headers: Headers,
        body: Body | None = None,
        cause: int | None = None,
    ) -> int:
        """Send a request; gives its exchange's number."""
        self.counts["exchanges"] += 1
        number = self.counts["exchanges"]
        self._open[number] = _Open(connection, http)
        self._add(
            Request(
                **self._when(number),
                method=method,
                url=url,
                http=http,
                headers=headers,
                body=body,
                cause=cause,
            )
        )
        return number

    def respond(
        self, number: int, status: int, headers: Headers, body: Body | None, *, stream: bool = False
    ) -> None:
        """Receive a response."""
        opened = self._open[number]
        self._add(
            Response(
                **self._when(number),
                upstream="s" + opened.connection[1:],
                status=status,
                reason=REASONS[status] if opened.http == "HTTP/1.1" else "",
                http=opened.http,
                headers=headers,
                body=body,
                stream=stream,
            )
        )

    def event(
        self, number: int, data: Content, event: str = "message", id_: str | None = None
    ) -> None:
        """Receive an event; the comments since the one before have been counted."""
        opened = self._open[number]
        size = len(f"event: {event}\r\ndata: \r\n\r\n") + len(data.data())
        self._add(
            Event(
                **self._when(number),
                index=opened.events,
                event=event,
                id=id_,
                data=data,
                comments=opened.comments,
                size=size if id_ is None else size + len(f"id: {id_}\r\n"),
            )
        )
        self.counts["keep-alives"] += opened.comments
        opened.events += 1
        opened.comments = 0

    def keep_alive(self, number: int, comments: int) -> None:
        """Receive comments on a stream."""
        self._open[number].comments += comments

    def end(
        self,
        number: int,
        how: Literal["complete", "client abort", "server abort", "error"] = "complete",
        detail: str | None = None,
    ) -> None:
        """End an exchange."""
        when = self._when(number)
        opened = self._open.pop(number)
        self.counts["keep-alives"] += opened.comments
        self.counts[how] += 1
        self._add(
            End(**when, how=how, detail=detail, events=opened.events, comments=opened.comments)
        )

    def fail(self, number: int, kind: Literal["dns", "connect", "tls"], detail: str) -> None:
        """End an exchange for lack of a server."""
        self._add(Error(**self._when(number), kind=kind, detail=detail))
        del self._open[number]

    def stop(self) -> None:
        """End what is under way, as a recorder does that is stopped."""
        for number in list(self._open):
            self.end(number, "client abort", "Client disconnected.")

    def _add(self, record: Entry) -> None:
        self.records.append(record)
        self.counts[type(record).__name__] += 1

    def _when(self, number: int) -> dict[str, Any]:
        t = round(self.now, 6)
        at = START + timedelta(seconds=t)
        return {"at": at, "t": t, "exchange": number, "connection": self._open[number].connection}


def json_body(data: bytes) -> Body:
    """Give a body of JSON."""
    return Body(json=Raw(data), size=len(data), sha256=digest(data), media_type="application/json")


def text_body(text: str, media_type: str | None = None) -> Body:
    """Give a body of text."""
    data = text.encode()
    return Body(text=text, size=len(data), sha256=digest(data), media_type=media_type)


def form_body(**fields: str) -> Body:
    """Give the body of a form."""
    data = Content(form=tuple(fields.items())).data()
    return Body(
        form=tuple(fields.items()),
        size=len(data),
        sha256=digest(data),
        media_type="application/x-www-form-urlencoded",
    )
