"""Turns: each JSON-RPC message that wants something, with what became of it.

A call over streamable HTTP is answered in its own exchange, by the body or on the stream. Over
HTTP+SSE (2024-11-05) it is answered on the stream of another exchange, perhaps before its POST is;
a server's call is answered by a POST of its own. Those are brought together by `Matching`, which
knows them by the channel they share: the `Mcp-Session-Id`, or the address to post to.
"""

from collections import deque
from collections.abc import Hashable
from typing import Literal, NamedTuple

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from wiretape.analysis.facts import Point
from wiretape.recorder.log.asks import CLIENT_INFO
from wiretape.recorder.log.jsonrpc import Failure, Id, Result
from wiretape.recorder.log.raw import text

type Side = Literal["client", "server"]
type Outcome = Literal["result", "error", "unanswered", "notified"]
type Way = Literal["body", "stream", "sse", "post"]
"""How an answer came: in the response's body, on its own stream, on another stream, in a POST."""

_OPENING = {"initialize", "server/discover"}
_LISTS = {"tools/list", "prompts/list", "resources/list", "resources/templates/list"}
_NAMES = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


_CLIENT_INFO = CLIENT_INFO.encode()
_KEPT = 5_000
"""How many calls without an answer, or answers without a call, are waited for at most."""


class _Named(Struct):
    """The parameters that name something."""

    name: Raw = Raw(b"")
    uri: Raw = Raw(b"")


_NAMED = msgspec.json.Decoder(_Named)


class Turn(Struct, frozen=True, kw_only=True):
    """A call or a notification, and what became of it.

    `by` said it, in an exchange of `client` (its User-Agent) at `route`. `channel` is the
    `Mcp-Session-Id`, or where there is none the address it was posted to. `revision` is the
    protocol that the request's header claimed. `status` is the HTTP status of that exchange. Of an
    error `code` and `message` are set, and `data` if it has any. `answered` is where the answer
    stands, or where the exchange ended without one.
    """

    by: Side
    method: str
    params: Raw | None
    client: str
    route: str
    channel: str
    revision: str | None
    asked: Point
    outcome: Outcome
    answered: Point | None = None
    over: Way | None = None
    status: int | None = None
    result: Raw | None = None
    code: int | None = None
    message: str | None = None
    data: Raw | None = None

    @property
    def point(self) -> Point:
        """Where it is told what became of it."""
        return self.answered or self.asked

    @property
    def seconds(self) -> float | None:
        """How long the answer took; nothing without one."""
        if self.answered is None or self.outcome not in {"result", "error"}:
            return None
        return self.answered.t - self.asked.t

    @property
    def denied(self) -> bool:
        """Whether the client may not ask this, or not without a good token, whatever it asked."""
        return self.status in {401, 403}

    @property
    def kind(self) -> Hashable:
        """What it has in common with other ordinary turns; None if it tells more than they do."""
        if self.method in _OPENING or (self.method in _LISTS and self.outcome == "result"):
            return None
        if self.params is not None and _CLIENT_INFO in bytes(self.params):
            return None
        calls = self.method == "tools/call"
        if calls and (self.outcome == "error" or _failed(self.result)):
            return None
        return (
            self.by,
            self.method,
            self.client,
            self.route,
            self.revision,
            self.status,
            self.outcome,
            self.over,
            self.code,
            self.name if calls else None,
        )

    @property
    def points(self) -> tuple[Point, Point]:
        """Where facts about it may stand: where it is told what became of it, where it was said."""
        return (self.answered or self.asked, self.asked)

    @property
    def name(self) -> str | None:
        """What is called, read or got: the tool, the resource, the prompt."""
        key = _NAMES.get(self.method)
        if key is None or self.params is None:
            return None
        try:
            return text(getattr(_NAMED.decode(self.params), key))
        except (ValueError, RecursionError):
            return None


class Key(NamedTuple):
    """What a call and its answer share when they come in different exchanges."""

    asker: Side
    channel: str
    id: Id


class Waiting(NamedTuple):
    """A call without its answer, or an answer without its call."""

    key: Key
    said: Turn | Result | Failure
    point: Point


class Note(NamedTuple):
    """A client's notification; or, on the same channel, an error without an id, which blames it."""

    channel: str
    said: Turn | Failure
    point: Point


class Matching:
    """Brings together what waits for each other, whichever comes first.

    Of too much that waits the oldest is given up: a recording may hold any number of calls that
    nobody answers.
    """

    def __init__(self) -> None:
        self._waiting: dict[Key, deque[Waiting]] = {}
        self._count = 0
        self._notes: dict[str, Note] = {}

    def add(self, what: Waiting | Note) -> Turn | None:
        """Take the next; gives the turn that it completes, or one that is given up."""
        return self._note(what) if isinstance(what, Note) else self._wait(what)

    def rest(self) -> list[Turn]:
        """Give the calls that nobody answered, when nothing more comes."""
        queues = self._waiting.values()
        return [item.said for queue in queues for item in queue if isinstance(item.said, Turn)]

    def _note(self, new: Note) -> Turn | None:
        if isinstance(new.said, Turn):
            self._notes[new.channel] = new
            if len(self._notes) > _KEPT:
                del self._notes[next(iter(self._notes))]
            return None
        noted = self._notes.pop(new.channel, None)
        if noted is None or not isinstance(noted.said, Turn):
            return None
        return answered(noted.said, new.said, new.point, "sse")

    def _wait(self, new: Waiting) -> Turn | None:
        queue = self._waiting.setdefault(new.key, deque())
        if not queue or isinstance(queue[0].said, Turn) == isinstance(new.said, Turn):
            queue.append(_apart(new))
            self._count += 1
            return self._give_up() if self._count > _KEPT else None
        other = self._take(new.key)
        call, answer = (new, other) if isinstance(new.said, Turn) else (other, new)
        if not isinstance(call.said, Turn) or isinstance(answer.said, Turn):
            return None
        over: Way = "post" if call.said.by == "server" else "sse"
        return answered(call.said, answer.said, answer.point, over)

    def _take(self, key: Key) -> Waiting:
        queue = self._waiting[key]
        taken = queue.popleft()
        self._count -= 1
        if not queue:
            del self._waiting[key]
        return taken

    def _give_up(self) -> Turn | None:
        oldest = self._take(next(iter(self._waiting)))
        return oldest.said if isinstance(oldest.said, Turn) else None


def _apart(waiting: Waiting) -> Waiting:
    """Let it keep what it says, and not the whole line that this was a part of."""
    said = waiting.said
    if isinstance(said, Turn):
        said = replace(said, params=_own(said.params))
    elif isinstance(said, Result):
        said = Result(said.id, Raw(bytes(said.result)))
    else:
        said = replace(said, data=_own(said.data))
    return waiting._replace(said=said)


def _own(raw: Raw | None) -> Raw | None:
    return None if raw is None else Raw(bytes(raw))


def _failed(result: Raw | None) -> bool:
    """Tell whether the tool itself may have reported an error."""
    if result is None:
        return False
    data = bytes(result)
    return data.count(b'"isError"') != data.count(b'"isError":false')


def answered(turn: Turn, answer: Result | Failure, point: Point, over: Way) -> Turn:
    """Give a turn with its answer."""
    if isinstance(answer, Result):
        return replace(turn, outcome="result", answered=point, over=over, result=answer.result)
    return replace(
        turn,
        outcome="error",
        answered=point,
        over=over,
        code=answer.code,
        message=answer.message,
        data=answer.data,
    )
