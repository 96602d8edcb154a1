"""What happened in a recording, one item after the other: the pure part of `wiretape show`."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec import UNSET, Struct

from wiretape.recorder.log.dialogue import Answered
from wiretape.recorder.log.exchanges import Exchange, Fold, Hops, header, hops
from wiretape.recorder.log.jsonrpc import (
    Call,
    Failure,
    Id,
    Malformed,
    Message,
    Notification,
    Result,
)
from wiretape.recorder.log.oauth import Step, parameters, step
from wiretape.recorder.log.raw import fields, text
from wiretape.recorder.log.reader import Line, Reading
from wiretape.recorder.log.records import Content, End, Event, Gap, Mark, Recording
from wiretape.recorder.log.sessions import Session, sessions

_TEXT = 200
_CHALLENGE = re.compile(r'error="([^"]*)"')

type Kind = Literal["mcp", "oauth", "other"]


class Says(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A JSON-RPC message in short; an answer has the method that it answers, if that was seen.

    `name` is what a call is about: a tool's or prompt's name, a resource's URI.
    """

    message: Literal["call", "notification", "result", "error", "malformed"]
    method: str | None = None
    name: str | None = None
    id: Id | None = None
    detail: str | None = None


class Heard(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event of a stream in short; `text` is the data that is no JSON-RPC."""

    line: int
    t: float
    at: datetime
    event: str | None
    says: tuple[Says, ...]
    text: str | None
    size: int


class Ended(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How an exchange ended: in the words of an `end` record, or by which kind of error."""

    line: int
    t: float
    at: datetime
    how: str
    detail: str | None = None


class Seen(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="exchange"):
    """An exchange in short. Times are in seconds, `size` in bytes of the response's content.

    `session` is the session's number. `says` is what the client said, `answers` what the response's
    body said. `error` is what the answer, whatever way it came, says is wrong, in the words of
    JSON-RPC or OAuth. `ended` is missing if the recording ends before the exchange.
    """

    exchange: int
    line: int
    t: float
    at: datetime
    session: int | None = None
    kind: Kind
    method: str
    url: str
    status: int | None = None
    stream: bool = False
    step: Step | None = None
    grant_type: str | None = None
    says: tuple[Says, ...] = ()
    answers: tuple[Says, ...] = ()
    error: str | None = None
    took: float | None = None
    size: int = 0
    cause: int | None = None
    leads_to: int | None = None
    ended: Ended | None = None
    events: tuple[Heard, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether anything is wrong with it. A client may leave an event stream when it likes."""
        if self.status is None or self.status >= 400 or self.error is not None:
            return True
        how = self.ended.how if self.ended else None
        return how != "complete" and not (self.stream and how == "client abort")


class Timeline(Struct, frozen=True, kw_only=True):
    """A recording in short: its exchanges in the order in which they began, and its sessions.

    `apart` are the records that belong to no exchange; `strays` counts those whose exchange has no
    request in the recording; `cut` is the number of a cut last line.
    """

    opening: Recording
    exchanges: list[Seen]
    sessions: tuple[Session, ...]
    apart: list[Line]
    strays: int
    cut: int | None


def timeline(reading: Reading) -> Timeline:
    """Read a whole recording; memory grows with its size."""
    fold, exchanges, apart = Fold(), [], []
    for line in reading:
        if exchange := fold.add(line):
            exchanges.append(exchange)
        elif isinstance(line.record, Gap | Mark) or line.record.exchange is None:
            apart.append(line)
    exchanges += fold.unfinished()
    found = sessions(exchanges)
    return Timeline(
        opening=reading.opening,
        exchanges=_all_seen(exchanges, found),
        sessions=found,
        apart=apart,
        strays=fold.strays,
        cut=reading.cut,
    )


def seen(exchange: Exchange) -> Seen:
    """Give one exchange in short, by what is known from itself alone."""
    (alone,) = _all_seen((exchange,), sessions((exchange,)))
    return alone


def _all_seen(exchanges: Iterable[Exchange], sessions: Iterable[Session]) -> list[Seen]:
    ordered = sorted(exchanges, key=lambda exchange: exchange.lines.request)
    told = _Told(hops(ordered))
    for session in sessions:
        told.add(session)
    leads_to = {item.request.cause: item.number for item in ordered}
    return [_seen(exchange, told, leads_to.get(exchange.number)) for exchange in ordered]


class _Told:
    """What sessions tell of their exchanges, by the numbers of lines."""

    def __init__(self, chains: Iterable[Hops]) -> None:
        lines = ([hop.lines.request for hop in chain] for chain in chains)
        self._ends = {line: chain[-1] for chain in lines for line in chain}
        self.session: dict[int, int] = {}
        self.says: dict[int, list[Says]] = {}
        self.errors: dict[int, str] = {}

    def add(self, session: Session) -> None:
        """Take in a session's messages."""
        for exchange in session.exchanges:
            self.session[exchange.lines.request] = session.number
        for item in (*session.calls, *session.server_calls):
            self._answered(item)
        for said in (
            *session.notifications,
            *session.server_notifications,
            *session.unmatched,
            *session.malformed,
        ):
            self._say(said.place.line, _says(said.message))

    def _answered(self, item: Answered) -> None:
        call = item.call.message
        self._say(item.call.place.line, _says(call))
        for said in item.progress:
            self._say(said.place.line, _says(said.message))
        if item.answer is not None:
            says = _says(item.answer.message, call.method)
            self._say(item.answer.place.line, says)
            if says.detail is not None:
                asked = item.call.place.exchange.lines.request
                self.errors[self._ends[asked]] = says.detail

    def _say(self, line: int, says: Says) -> None:
        self.says.setdefault(line, []).append(says)


def _says(message: Message, answers: str | None = None) -> Says:
    match message:
        case Call():
            about = fields(message.params)
            name = text(about.get("name")) or text(about.get("uri"))
            return Says(message="call", method=message.method, name=name, id=message.id)
        case Notification():
            return Says(message="notification", method=message.method)
        case Result():
            return Says(message="result", method=answers, id=message.id)
        case Failure():
            detail = f"{message.code} {message.message}".strip()
            return Says(message="error", method=answers, id=message.id, detail=detail)
        case Malformed():
            return Says(message="malformed", detail=message.why)


def _seen(exchange: Exchange, told: _Told, leads_to: int | None) -> Seen:
    request, response, last = exchange.request, exchange.response, exchange.last
    line = exchange.lines.request
    found = step(exchange)
    session = told.session.get(line)
    events = tuple(
        _heard(event, number, told.says.get(number, ()))
        for event, number in zip(exchange.events, exchange.lines.events, strict=True)
    )
    return Seen(
        exchange=exchange.number,
        line=line,
        t=request.t,
        at=request.at,
        session=session,
        kind="mcp" if session is not None else "oauth" if found is not None else "other",
        method=request.method,
        url=request.url,
        status=exchange.status,
        stream=response is not None and response.stream,
        step=found,
        grant_type=parameters(request.body).get("grant_type") if found == "token" else None,
        says=tuple(told.says.get(line, ())),
        answers=tuple(told.says.get(exchange.lines.response or 0, ())),
        error=told.errors.get(line) or _error(exchange),
        took=round(last.t - request.t, 6) if last else None,
        size=response.body.size if response and response.body else sum(e.size for e in events),
        cause=request.cause,
        leads_to=leads_to,
        ended=_ended(exchange),
        events=events,
    )


def _ended(exchange: Exchange) -> Ended | None:
    last, line = exchange.last, exchange.lines.last
    if last is None or line is None:
        return None
    how = last.how if isinstance(last, End) else f"{last.kind} error"
    return Ended(line=line, t=last.t, at=last.at, how=how, detail=last.detail)


def _heard(event: Event, line: int, says: Iterable[Says]) -> Heard:
    return Heard(
        line=line,
        t=event.t,
        at=event.at,
        event=event.event,
        says=tuple(says),
        text=None if says else _text(event.data),
        size=event.size,
    )


def _text(content: Content | None) -> str | None:
    """The beginning of what is legible."""
    if content is None:
        return None
    if content.json is not UNSET:
        return bytes(content.json)[:_TEXT].decode(errors="replace")
    return None if content.text is None else content.text[:_TEXT]


def _error(exchange: Exchange) -> str | None:
    """What OAuth says is wrong (RFC 6749, 5.2; RFC 6750, 3)."""
    response = exchange.response
    if response is None or response.status < 400:
        return None
    challenge = _CHALLENGE.search(header(response.headers, "www-authenticate") or "")
    return parameters(response.body).get("error") or (challenge[1] if challenge else None)
