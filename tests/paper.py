"""A service on paper, for the steps of the probe: time moves only when they wait."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from wiretape.recorder.probe.known import Client, Known, Session, Target, Tokens
from wiretape.recorder.probe.metadata import ServerMetadata
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import (
    Answer,
    Ask,
    Close,
    Command,
    Landed,
    Note,
    Receive,
    StepError,
    Visit,
    Wait,
)
from wiretape.recorder.wire.sse import ServerSentEvent

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ORIGIN = "https://mcp.example"
URL = f"{ORIGIN}/mcp"
REDIRECT = "http://127.0.0.1:4321/callback"
SERVER = ServerMetadata(
    authorization_endpoint=f"{ORIGIN}/authorize",
    token_endpoint=f"{ORIGIN}/token",
    registration_endpoint=f"{ORIGIN}/register",
    revocation_endpoint=f"{ORIGIN}/revoke",
    auth_methods=("none",),
    scopes=("notes:read", "offline_access"),
)

type Reply = Answer | Callable[[Ask], Answer] | StepError


def answer(status: int = 200, content: Any = b"", **headers: str) -> Answer:
    """Give a response; what is not bytes becomes JSON."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(status=status, headers=named, body=body, at=START)


def event(data: Any, name: bytes | None = None, number: bytes | None = None) -> ServerSentEvent:
    """Give an event; what is not bytes becomes JSON."""
    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    return ServerSentEvent(name, number, None, content, 0, len(content))


def stream(*events: ServerSentEvent, **headers: str) -> Answer:
    """Give a response that is an event stream."""
    return replace(answer(200, content_type="text/event-stream", **headers), events=events)


def known(url: str = URL, **options: Any) -> Known:
    """Know nothing but where the service is."""
    return Known(Target(url=url, redirect_uri=REDIRECT, **options))


def granted(url: str = URL, **options: Any) -> Known:
    """Know an authorization server, a client, and tokens of an hour."""
    found = known(url, **options)
    found.server = SERVER
    found.client = Client("client-1")
    found.tokens = Tokens(
        access="a:1:first",
        refresh="r:1:first",
        token_type="bearer",
        lifetime=3600.0,
        scope="notes:read",
        at=START,
    )
    return found


def connected(url: str = URL, **options: Any) -> Known:
    """Know a session over streamable HTTP, too."""
    found = granted(url, **options)
    found.session = Session("streamable", url, id="session-1", version="2025-06-18", last_id=1)
    return found


def mcp(**results: Any) -> Callable[[Ask], Answer]:
    """Answer JSON-RPC requests by their methods (`tools_list`), the others as not found."""

    def reply(ask: Ask) -> Answer:
        message = json.loads(ask.body)
        if "id" not in message:
            return answer(202)
        found = results.get(message["method"].replace("/", "_"))
        result = found(message) if callable(found) else found
        headers = {"mcp_session_id": "session-2"} if message["method"] == "initialize" else {}
        if result is None:
            error = {"code": -32601, "message": "Method not found"}
            return answer(200, {"jsonrpc": "2.0", "id": message["id"], "error": error})
        said = {"jsonrpc": "2.0", "id": message["id"], "result": result}
        return answer(200, said, **headers)

    return reply


HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {"name": "paper"}}


@dataclass
class Play:
    """What a step did; `error` is what ended it early."""

    known: Known
    routes: Mapping[str, Reply]
    landing: Callable[[str], dict[str, str]] = lambda state: {"state": state, "code": "c:1:secret"}
    now: datetime = START
    asks: list[Ask] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    visits: list[str] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    error: str | None = None

    def run(self, step: Step) -> "Play":
        """Play a step to its end."""
        walk = step.walk(self.known)
        failure: StepError | None = None
        reply: object = None
        try:
            while True:
                command = walk.send(reply) if failure is None else walk.throw(failure)
                reply = failure = None
                try:
                    reply = self._perform(command)
                except StepError as why:
                    failure = why
        except StopIteration:
            pass
        except StepError as why:
            self.error = str(why)
        assert len(self.asks) <= step.most
        return self

    @property
    def sent(self) -> list[str]:
        """What was asked, as `METHOD PATH`."""
        return [f"{ask.method} {urlsplit(ask.url).path}" for ask in self.asks]

    @property
    def labels(self) -> list[str]:
        """What was asked, by its labels."""
        return [ask.label for ask in self.asks]

    def ask(self, label: str) -> Ask:
        """Find what was asked under a label."""
        (found,) = (ask for ask in self.asks if ask.label == label)
        return found

    def _perform(self, command: Command) -> object:
        match command:
            case Ask():
                self.asks.append(command)
                return self._answer(command)
            case Receive():
                return self._receive(command.stream)
            case Close():
                self.open.discard(command.stream)
            case Visit():
                self.visits.append(command.url)
            case Landed():
                return self.landing(command.state)
            case Wait():
                self.waits.append((command.until - self.now).total_seconds())
                self.now = max(self.now, command.until)
            case Note():
                self.notes.append(command.text)
        return None

    def _receive(self, stream: int) -> tuple[ServerSentEvent, ...]:
        """Answer on the stream what was posted last."""
        assert stream in self.open
        said = mcp(initialize=HELLO, tools_list={"tools": []})(self.asks[-1]).body
        return (event(said, b"message"),)

    def _answer(self, ask: Ask) -> Answer:
        parts = urlsplit(ask.url)
        at = f"{ask.method} {parts.path}"
        found = self.routes.get(f"{ask.method} {ask.url}", self.routes.get(at, answer(404)))
        if isinstance(found, StepError):
            raise found
        reply = replace(found(ask) if callable(found) else found, at=self.now)
        if ask.keep and reply.events:
            number = len(self.open) + 1
            self.open.add(number)
            reply = replace(reply, stream=number)
        return reply


def header(ask: Ask, name: str) -> str | None:
    """Give a header's value; there must not be two."""
    values = [value for key, value in ask.headers if key.lower() == name]
    assert len(values) < 2
    return values[0] if values else None


def form(ask: Ask) -> dict[str, str]:
    """Read the form that was posted."""
    return dict(parse_qsl(ask.body.decode(), keep_blank_values=True))


def later(seconds: float) -> datetime:
    """Give a time after the start."""
    return START + timedelta(seconds=seconds)
