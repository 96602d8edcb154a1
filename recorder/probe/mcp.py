"""The probe as an MCP client: JSON-RPC over streamable HTTP, HTTP+SSE, or without a session."""

from importlib.metadata import version as installed
from typing import NamedTuple

import msgspec
from msgspec import Raw

from wiretape.recorder.log.asks import CLIENT_INFO, PROTOCOL_VERSION
from wiretape.recorder.log.jsonrpc import Failure, Result
from wiretape.recorder.log.raw import fields, text
from wiretape.recorder.log.records import Header
from wiretape.recorder.log.urls import join, origin
from wiretape.recorder.probe.known import USER_AGENT, Known, Session
from wiretape.recorder.probe.metadata import is_web
from wiretape.recorder.probe.talk import (
    Answer,
    Ask,
    Close,
    Receive,
    StepError,
    Walk,
    answer_to,
    ask,
)
from wiretape.recorder.wire.sse import ServerSentEvent

HANDSHAKES = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
"""The revisions with `initialize`."""
LATEST = HANDSHAKES[-1]
SESSIONLESS = "2026-07-28"
UNKNOWN = "1999-01-01"
"""A revision that there never was."""

BOTH: Header = ("accept", "application/json, text/event-stream")
EVENTS: Header = ("accept", "text/event-stream")
JSON: Header = ("content-type", "application/json")

PING = b'{"jsonrpc":"2.0","id":"ping","method":"ping"}'

CONNECT_REQUESTS = 4
"""What `connect` takes at most."""

_CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"
_NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}

type Params = dict[str, object]


class Heard(NamedTuple):
    """The response to a POST, and the answer to its message wherever that came."""

    answer: Answer
    message: Result | Failure | None

    @property
    def result(self) -> Raw | None:
        """The result, if it is one."""
        return self.message.result if isinstance(self.message, Result) else None

    def __str__(self) -> str:
        match self.message:
            case Failure(code=code, message=why):
                return f"{self.answer.status}, error {code}: {why}"
            case Result():
                return f"{self.answer.status}, a result"
        return str(self.answer.status)


def initialization(version: str, number: int = 1) -> bytes:
    """Give an `initialize` request."""
    return _message("initialize", number, _hello(version))


def connect(known: Known) -> Walk[Session]:
    """Open a session as clients negotiate it: initialize; if that is refused, GET for HTTP+SSE;
    if that is refused as well, the way without a session. Raises StepError.
    """
    session = Session("streamable", known.target.url)
    first = yield from initialize(known, session, LATEST, "POST initialize")
    if first.result is not None:
        return (yield from _initialized(known, session))
    status = first.answer.status
    if location := first.answer.header("location"):
        elsewhere = join(known.target.url, location)
        raise StepError(f"the endpoint redirects ({status}): probe {elsewhere} instead")
    if not 400 <= status < 500 or status in (401, 403):
        raise StepError(f"initialize: {first}")
    opened = yield from open_stream(known)
    if opened is not None:
        heard = yield from initialize(known, opened, LATEST, "POST initialize to the stream's URL")
        if heard.result is None:
            raise StepError(f"initialize: {heard}")
        return (yield from _initialized(known, opened))
    session = Session("sessionless", known.target.url, version=SESSIONLESS)
    heard = yield from call(known, session, "POST server/discover", "server/discover")
    if heard.result is None:
        raise StepError(f"initialize: {first}; no event stream; server/discover: {heard}")
    return session


def open_stream(known: Known, label: str = "GET the event stream") -> Walk[Session | None]:
    """Open an HTTP+SSE stream, whose first event says where to post (MCP 2024-11-05)."""
    url = known.target.url
    headers = known.headers(url, EVENTS)
    answer = yield from ask(Ask(label=label, method="GET", url=url, headers=headers, keep=True))
    if answer.stream is None:
        return None
    first = next(iter(answer.events), None)
    if first is None or first.event != b"endpoint":
        yield Close(answer.stream)
        return None
    at = join(url, (first.data or b"").decode(errors="replace"))
    if not is_web(at) or origin(at) != origin(url):
        raise StepError("the stream's endpoint is at another origin: nothing is sent there")
    return Session("sse", at, stream=answer.stream)


def initialize(known: Known, session: Session, version: str, label: str) -> Walk[Heard]:
    """Send `initialize` and take over what the server chose."""
    heard = yield from call(known, session, label, "initialize", _hello(version))
    if heard.result is not None:
        session.version = text(fields(heard.result).get("protocolVersion"))
        session.id = heard.answer.header("mcp-session-id")
    return heard


def call(
    known: Known, session: Session, label: str, method: str, params: Params | Raw | None = None
) -> Walk[Heard]:
    """Send a request and wait for its answer."""
    session.last_id += 1
    number = session.last_id
    more: list[Header] = []
    if session.transport == "sessionless":
        params, more = _with_meta(method, params)
    body = _message(method, number, params)
    answer = yield from post(known, session, label, body, *more, answers=number)
    found = answer.answer_to(number)
    _remember(session, answer.events)
    if found is None and session.stream is not None and answer.ok:
        events: tuple[ServerSentEvent, ...] = yield Receive(session.stream, number)
        _remember(session, events)
        found = answer_to(number, events)
    return Heard(answer, found)


def post(
    known: Known,
    session: Session,
    label: str,
    body: bytes,
    *more: Header,
    answers: int | None = None,
    authorised: bool = True,
) -> Walk[Answer]:
    """Post a body as a message of the session; `more` headers replace those of the same name."""
    replaced = {name for name, _ in more}
    usual = (pair for pair in (BOTH, JSON, *bound(session)) if pair[0] not in replaced)
    return (
        yield from ask(
            Ask(
                label=label,
                method="POST",
                url=session.url,
                headers=known.headers(session.url, *usual, *more, authorised=authorised),
                body=body,
                answers=answers,
            )
        )
    )


def bound(session: Session) -> tuple[Header, ...]:
    """Give the headers that bind a request to the session and its revision."""
    headers: list[Header] = []
    if session.transport != "sse":
        if session.id is not None:
            headers.append(("mcp-session-id", session.id))
        if session.version is not None and session.version >= "2025-06-18":
            headers.append(("mcp-protocol-version", session.version))
    return tuple(headers)


def leave(
    known: Known, session: Session, label: str, token: str | None = None
) -> Walk[Answer | None]:
    """End a session: DELETE it by its id, or close its stream."""
    if session.stream is not None:
        yield Close(session.stream)
    if session.id is None or session.transport != "streamable":
        return None
    headers = known.headers(session.url, *bound(session), token=token)
    return (yield from ask(Ask(label=label, method="DELETE", url=session.url, headers=headers)))


def leave_stray(known: Known, answer: Answer, label: str, token: str | None = None) -> Walk[None]:
    """End the session that an answer opened although none was wanted."""
    identity = answer.header("mcp-session-id")
    if answer.ok and identity is not None:
        session = Session("streamable", known.target.url, id=identity)
        yield from leave(known, session, f"DELETE the session of: {label}", token)


TRY_REQUESTS = 2
"""What `try_token` takes at most."""


def try_token(known: Known, label: str, token: str) -> Walk[Answer]:
    """See whether an access token is accepted, by beginning a session with it."""
    url = known.target.url
    if known.transport == "sse":
        headers = known.headers(url, EVENTS, token=token)
        return (yield from ask(Ask(label=label, method="GET", url=url, headers=headers)))
    headers = known.headers(url, BOTH, JSON, token=token)
    body = initialization(LATEST)
    answer = yield from ask(
        Ask(label=label, method="POST", url=url, headers=headers, body=body, answers=1)
    )
    yield from leave_stray(known, answer, label, token)
    return answer


def _initialized(known: Known, session: Session) -> Walk[Session]:
    body = _message("notifications/initialized")
    yield from post(known, session, "POST notifications/initialized", body)
    return session


def _hello(version: str) -> Params:
    return {"protocolVersion": version, "capabilities": {}, "clientInfo": _client_info()}


def _client_info() -> dict[str, str]:
    return {"name": USER_AGENT, "version": installed("wiretape")}


def _with_meta(method: str, params: Params | Raw | None) -> tuple[Params, list[Header]]:
    """Say in the message and in its headers what a session would know (2026-07-28)."""
    given: Params = dict(fields(params)) if isinstance(params, Raw) else dict(params or {})
    meta = {
        PROTOCOL_VERSION: SESSIONLESS,
        CLIENT_INFO: _client_info(),
        _CAPABILITIES: {},
    }
    headers = [("mcp-method", method)]
    name = given.get(_NAMED_BY.get(method, ""))
    if isinstance(name, str) and name.isascii() and name.isprintable():
        headers.append(("mcp-name", name))
    return given | {"_meta": meta}, headers


def _message(method: str, number: int | None = None, params: Params | Raw | None = None) -> bytes:
    message: Params = {"jsonrpc": "2.0"}
    if number is not None:
        message["id"] = number
    message["method"] = method
    if params is not None:
        message["params"] = params
    return msgspec.json.encode(message)


def _remember(session: Session, events: tuple[ServerSentEvent, ...]) -> None:
    """Keep the last event's id, from which a broken stream can be resumed."""
    for event in events:
        if event.id:
            session.last_event = event.id.decode("latin-1")
