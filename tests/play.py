"""A play: the records of a recording, written down as what clients and servers do in turn.

    play = Play()
    post = play.post(MCP, call(1, "ping"))
    play.answer(post, result(1))
    play.sessions()

Every line takes a hundredth of a second, and `later` lets more time pass; an exchange that is
answered with a body ends at once.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Raw

from wiretape.recorder.log.exchanges import Exchange, exchanges
from wiretape.recorder.log.reader import Line
from wiretape.recorder.log.records import (
    SCHEMA,
    Body,
    Content,
    End,
    Entry,
    Error,
    Event,
    Gap,
    Mark,
    Recording,
    Request,
    Response,
    digest,
)
from wiretape.recorder.log.sessions import Session, sessions

type Json = Any
type Headers = Mapping[str, str | None]

START = datetime(2025, 8, 29, 2, 9, 10, 217_000, tzinfo=UTC)
OPENING = Recording(schema=SCHEMA, recorder="0.1.0", name="play", start=START, mode="forward")
STREAM = {"content-type": "text/event-stream"}


def call(number: Json, method: str, /, *, progress: Json = None, **params: Json) -> Json:
    """A JSON-RPC request; with `progress` as its progress token."""
    if progress is not None:
        params["_meta"] = {"progressToken": progress}
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def note(method: str, /, **params: Json) -> Json:
    return {"jsonrpc": "2.0", "method": method, "params": params}


def result(number: Json, /, **result: Json) -> Json:
    return {"jsonrpc": "2.0", "id": number, "result": result}


def failure(number: Json, code: int = -32603, message: str = "no", **more: Json) -> Json:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message, **more}}


def progress(token: Json, value: int = 1) -> Json:
    return note("notifications/progress", progressToken=token, progress=value)


def initialize(number: Json = 0, version: str = "2025-06-18", client: str = "client") -> Json:
    info = {"name": client, "version": "1"}
    return call(number, "initialize", protocolVersion=version, clientInfo=info, capabilities={})


def initialized(number: Json = 0, version: str = "2025-06-18", server: str = "server") -> Json:
    info = {"name": server, "version": "2"}
    return result(number, protocolVersion=version, serverInfo=info, capabilities={})


class Play:
    def __init__(self) -> None:
        self.records: list[Entry] = []
        self._connections: dict[int, str] = {}
        self._events: dict[int, int] = {}
        self._comments: dict[int, list[int]] = {}
        self._waited = 0.0

    @property
    def now(self) -> datetime:
        """When the next record will be."""
        return START + timedelta(seconds=self._t)

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self._waited += seconds

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Headers | None = None,
        json: Json = None,
        form: Mapping[str, str] | None = None,
        on: str = "c1",
        cause: int | None = None,
        http: str = "HTTP/1.1",
    ) -> int:
        """Send a request on a connection; gives its exchange's number."""
        number = len(self._connections) + 1
        self._connections[number] = on
        self._events[number] = 0
        self._comments[number] = [0]
        self.records.append(
            Request(
                **self._when(number),
                method=method,
                url=url,
                http=http,
                headers=_headers(headers),
                body=_body(_media_type(headers), json=json, form=form),
                cause=cause,
            )
        )
        return number

    def post(self, url: str, json: Json = None, headers: Headers | None = None, **how: Any) -> int:
        both = {"accept": "application/json, text/event-stream", **(headers or {})}
        return self.request("POST", url, json=json, headers=both, **how)

    def listen(self, url: str, headers: Headers | None = None, **how: Any) -> int:
        """GET an event stream."""
        return self.request(
            "GET", url, headers={"accept": STREAM["content-type"]} | dict(headers or {}), **how
        )

    def answer(
        self,
        number: int,
        json: Json = None,
        *,
        status: int = 200,
        headers: Headers | None = None,
        text: str | None = None,
    ) -> None:
        """Respond with a body, and end."""
        body = _body(_media_type(headers), json=json, text=text)
        self._respond(number, status, headers, body=body)
        self.end(number)

    def stream(self, number: int, headers: Headers | None = None, status: int = 200) -> None:
        """Begin an event stream as the response."""
        self._respond(number, status, {**STREAM, **(headers or {})}, stream=True)

    def event(
        self,
        number: int,
        json: Json = None,
        *,
        event: str | None = "message",
        text: str | None = None,
    ) -> None:
        data = _content(json=json, text=text)
        size = len(data.data()) if data else 0
        index = self._events[number]
        self._events[number] += 1
        comments = self._comments[number][-1]
        self._comments[number].append(0)
        self.records.append(
            Event(
                **self._when(number),
                index=index,
                event=event,
                data=data,
                comments=comments,
                size=size,
            )
        )

    def keep_alive(self, number: int) -> None:
        """Send a comment, which is counted by the record after it."""
        self._comments[number][-1] += 1

    def end(
        self,
        number: int,
        how: Literal["complete", "client abort", "server abort", "error"] = "complete",
        detail: str | None = None,
    ) -> None:
        events, comments = self._events[number], sum(self._comments[number])
        when = self._when(number)
        self.records.append(End(**when, how=how, detail=detail, events=events, comments=comments))

    def fail(self, number: int, detail: str = "no route", peer: str | None = None) -> None:
        """End without a response."""
        when = self._when(number)
        self.records.append(Error(**when, kind="connect", detail=detail, peer=peer))

    def unreachable(self, peer: str, detail: str = "no such host") -> None:
        """Fail to connect for a tunnel, in which no request was seen."""
        where = {"connection": "c0", "peer": peer}
        self.records.append(Error(**self._now(), **where, kind="dns", detail=detail))

    def mark(self, name: str, detail: str | None = None) -> None:
        self.records.append(Mark(**self._now(), name=name, detail=detail))

    def gap(self, reason: str, lost: int = 1) -> None:
        self.records.append(Gap(**self._now(), reason=reason, lost=lost))

    @property
    def lines(self) -> list[Line]:
        return [Line(number, record) for number, record in enumerate(self.records, 2)]

    def exchanges(self) -> list[Exchange]:
        return list(exchanges(self.lines))

    def sessions(self) -> tuple[Session, ...]:
        return sessions(self.exchanges())

    def write(self, path: Path) -> Path:
        path.write_bytes(b"".join(msgspec.json.encode(r) + b"\n" for r in (OPENING, *self.records)))
        return path

    def _respond(self, number: int, status: int, headers: Headers | None, **how: Any) -> None:
        response = Response(
            **self._when(number),
            upstream="s1",
            status=status,
            reason="",
            http="HTTP/1.1",
            headers=_headers(headers),
            **how,
        )
        self.records.append(response)

    def _when(self, number: int) -> dict[str, Any]:
        return {"exchange": number, "connection": self._connections[number], **self._now()}

    def _now(self) -> dict[str, Any]:
        return {"at": self.now, "t": self._t}

    @property
    def _t(self) -> float:
        return round(len(self.records) / 100 + self._waited, 6)


def _headers(headers: Headers | None) -> tuple[tuple[str, str], ...]:
    """Leave out a header whose value is None."""
    return tuple((k, v) for k, v in (headers or {}).items() if v is not None)


def _media_type(headers: Headers | None) -> str | None:
    found = (value for name, value in (headers or {}).items() if name.lower() == "content-type")
    return next(found, None)


def _content(json: Json = None, text: str | None = None) -> Content | None:
    if json is None and text is None:
        return None
    return Content(json=_raw(json)) if text is None else Content(text=text)


def _body(
    media_type: str | None,
    json: Json = None,
    text: str | None = None,
    form: Mapping[str, str] | None = None,
) -> Body | None:
    if form is not None:
        content = Content(form=tuple(form.items()))
    elif found := _content(json, text):
        content = found
    else:
        return None
    data = content.data()
    return Body(
        json=content.json,
        text=content.text,
        form=content.form,
        size=len(data),
        sha256=digest(data),
        media_type=media_type,
    )


def _raw(value: Json) -> Raw:
    """Give JSON as text; what is text already is taken as it is spelt."""
    return value if isinstance(value, Raw) else Raw(json.dumps(value).encode())
