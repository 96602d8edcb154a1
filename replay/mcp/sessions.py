"""The MCP sessions of a service: who they belong to, and what the server says in them by itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

from wiretape.replay.http.messages import encoded
from wiretape.replay.http.streams import Stream, split
from wiretape.replay.oauth.tokens import Grant
from wiretape.replay.recent import Recent

MOST = 10_000
"""Sessions that are open at once; of more, the one that was used longest ago ends."""

_CALLS = 256
"""Calls that are remembered in a session: the server's, and those that the client cancelled."""

_STREAMS = 64
"""Streams that can be gone on with, in a session, besides its own."""


@dataclass(slots=True)
class Asked:
    """A call of the server, and the client's answer to it, when that has come; `then` follows."""

    number: int
    method: str
    answer: dict[str, Any] | None = None
    then: Callable[[], object] = lambda: None


@dataclass(eq=False)
class Session:
    """A session. `number` counts all sessions of a service, `grant` is that it was begun on.

    On its `stream` the server speaks by itself; what it says before the client listens is kept.
    `streams` are those of answers, `asked` the server's calls, by id. The client `wants` only some
    notifications, which say `about` themselves what it wants to know.
    """

    id: str
    grant: int | None
    revision: str | None = None
    stream: Stream | None = None
    number: int = 0
    wants: Callable[[str, dict[str, Any]], bool] = lambda _method, _params: True
    about: dict[str, Any] = field(default_factory=dict)
    streams: Recent[Stream] = field(default_factory=lambda: Recent(_STREAMS))
    asked: Recent[Asked] = field(default_factory=lambda: Recent(_CALLS))
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _answering: Recent[Stream] = field(default_factory=lambda: Recent(_STREAMS))
    _cancelled: Recent[None] = field(default_factory=lambda: Recent(_CALLS))

    def say(self, line: bytes, late: float = 0, about: object = None) -> None:
        """Send a message on the stream, so many seconds later; `about` the call it answers."""
        call = None if about is None else _key(about)
        if self.stream is not None and call not in self._cancelled:
            self.stream.send(line, late=late, about=call)

    def tell(self, method: str, params: dict[str, Any] | None = None) -> None:
        """Send a notification (JSON-RPC 2.0, 4.1), if the client wants it."""
        if not self.wants(method, params or {}):
            return
        if self.about:
            given = params or {}
            params = given | {"_meta": given.get("_meta", {}) | self.about}
        self.say(encoded(_message(method, params)))

    def ask(self, method: str, params: dict[str, Any] | None = None) -> int:
        """Call the client; gives the id, under which the answer will be in `asked`."""
        asked, line = self.question(method, params)
        self.say(line)
        return asked.number

    def question(self, method: str, params: dict[str, Any] | None = None) -> tuple[Asked, bytes]:
        """Give a call of the client under a new id, to be sent wherever it belongs."""
        asked = Asked(self.fresh(), method)
        self.asked[_key(asked.number)] = asked
        return asked, encoded(_message(method, params, id=asked.number))

    def fresh(self) -> int:
        """Give a number that nothing else in the session has."""
        return next(self._numbers)

    def answered(self, message: dict[str, Any]) -> Asked | None:
        """Take a client's answer; gives the call that it is the first to answer, if any."""
        found = self.asked.get(_key(message.get("id")))
        if found is None or found.answer is not None:
            return None
        found.answer = message
        found.then()
        return found

    def answer(self, number: int) -> dict[str, Any] | None:
        """Give the client's answer to a call of the server."""
        found = self.asked.get(_key(number))
        return found.answer if found is not None else None

    def called(self, number: object) -> None:
        """Take note of a call of the client: it is not cancelled, whatever had its id before."""
        if self._cancelled:
            self._cancelled.pop(_key(number), None)

    def cancel(self, number: object) -> None:
        """Say nothing more about a call of the client (MCP, utilities/cancellation)."""
        call = _key(number)
        self._cancelled[call] = None
        if self.stream is not None:
            self.stream.withdraw(call)
        answering = self._answering.pop(call, None)
        if answering is not None:
            answering.end()

    def keep(self, stream: Stream, about: object) -> Stream:
        """Remember a stream that answers a call: it can be gone on with, and ends with the session.

        Whoever cancels the call ends it.
        """
        self.streams[stream.name or f"unnamed {self.fresh()}"] = stream
        self._answering[_key(about)] = stream
        return stream

    def resumable(self, event_id: str) -> tuple[Stream, int] | None:
        """Give the stream on which an event was, and the event's number."""
        name, number = split(event_id) or ("", 0)
        own = self.stream is not None and self.stream.name == name
        stream = self.stream if own else self.streams.get(name)
        return None if stream is None else (stream, number)

    def end(self) -> None:
        """End all streams."""
        for stream in (self.stream, *self.streams.values()):
            if stream is not None:
                stream.end()


@dataclass
class Sessions:
    """All sessions, by their ids; the one that was used last comes last.

    Those that are not `bound` to a grant may be used with any token: where somebody else gives the
    tokens out, nobody knows which are of one user.
    """

    open: dict[str, Session] = field(default_factory=dict)
    most: int = MOST
    bound: bool = True
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def begin(self, session: Session, grant: Grant | None = None) -> Session:
        """Take in a new session; it ends with the grant that it is begun on."""
        if len(self.open) >= self.most:
            idle = (each.id for each in self.open.values() if not _is_heard(each))
            self.end(next(idle, next(iter(self.open))))
        session.number = next(self._numbers)
        self.open[session.id] = session
        if grant is not None:
            grant.ended = partial(self.end_of, grant.number)
        return session

    def of(self, id_: str, grant: int | None) -> Session | None:
        """Give the session of that id, if it was begun on the same grant, or is not bound to it."""
        found = self.open.get(id_)
        if found is None or (self.bound and found.grant != grant):
            return None
        self.open[id_] = self.open.pop(id_)
        return found

    def end(self, id_: str) -> None:
        """Forget a session, and end its streams."""
        found = self.open.pop(id_, None)
        if found is not None:
            found.end()

    def end_of(self, grant: int) -> None:
        """Forget the sessions of a grant."""
        for session in tuple(self.open.values()):
            if session.grant == grant:
                self.end(session.id)

    def end_all(self) -> None:
        """Forget all sessions."""
        for id_ in tuple(self.open):
            self.end(id_)


def _is_heard(session: Session) -> bool:
    return session.stream is not None and session.stream.is_read


def _message(method: str, params: dict[str, Any] | None, **more: int) -> dict[str, Any]:
    said: dict[str, Any] = {"jsonrpc": "2.0", **more, "method": method}
    return said if params is None else said | {"params": params}


def _key(number: object) -> str:
    """Give what tells ids of JSON-RPC apart: 1 and "1" are two."""
    return f"{type(number).__name__} {number}"
