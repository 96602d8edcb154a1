"""Matches the JSON-RPC messages of one MCP session: which answer belongs to which request.

An answer has its request's id, comes from the other side, and may take any way back: the body of
the request's own response, its stream, the session's GET stream, or, from a client, a POST of its
own. Ids are unique only within one session and direction, and only among what is unanswered.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct

from wiretape.recorder.log.exchanges import Exchange, Hops
from wiretape.recorder.log.jsonrpc import (
    Call,
    Failure,
    Id,
    Malformed,
    Message,
    Notification,
    Result,
    messages,
)

type Side = Literal["client", "server"]
_OTHER: dict[Side, Side] = {"client": "server", "server": "client"}


class Place(Struct, frozen=True, kw_only=True):
    """Where a message was said: its exchange, and as evidence the number of its line.

    `t` is in seconds since the recording's start; `event` is the position in the exchange's events.
    """

    by: Side
    exchange: Exchange
    line: int
    t: float
    event: int | None = None


class Said[M: Message](Struct, frozen=True):
    """A message and where it was said."""

    message: M
    place: Place


class Answered(Struct, frozen=True, kw_only=True):
    """A request with its answer, if one was seen, and the progress reported meanwhile."""

    call: Said[Call]
    answer: Said[Result] | Said[Failure] | None
    progress: tuple[Said[Notification], ...]


class Dialogue(Struct, frozen=True, kw_only=True):
    """The messages of a session, matched, each kind in the order of the recording.

    `unmatched` are answers without a request; `notifications` are all but the progress that found
    its request.
    """

    calls: tuple[Answered, ...]
    notifications: tuple[Said[Notification], ...]
    unmatched: tuple[Said[Result] | Said[Failure], ...]
    malformed: tuple[Said[Malformed], ...]


def dialogue(chains: Iterable[Hops]) -> Dialogue:
    """Match the messages of one session, given what its client asked, redirects joined."""
    matching = _Matching()
    found = [(said, chain) for chain in chains for said in _said(chain)]
    for said, chain in sorted(found, key=lambda item: item[0].place.line):
        matching.take(said.message, said.place, chain)
    return matching.result()


def _said(chain: Hops) -> Iterator[Said[Message]]:
    """Give a chain's messages: the client's where a hop repeated them last, the server's answer."""
    asked, last = (
        next((hop for hop in reversed(chain) if messages(hop.request.body)), None),
        chain[-1],
    )
    if asked is not None:
        place = Place(by="client", exchange=asked, line=asked.lines.request, t=asked.request.t)
        yield from (Said(message, place) for message in messages(asked.request.body))
    if last.response is not None and last.lines.response is not None:
        place = Place(by="server", exchange=last, line=last.lines.response, t=last.response.t)
        for message in messages(last.response.body):
            if last.response.status < 400 or not isinstance(message, Malformed):
                yield Said(message, place)
    for index, (event, line) in enumerate(zip(last.events, last.lines.events, strict=True)):
        place = Place(by="server", exchange=last, line=line, t=event.t, event=index)
        yield from (Said(message, place) for message in messages(event.data))


@dataclass(eq=False)
class _Pending:
    """A request with what is known of its answer."""

    call: Said[Call]
    answer: Said[Result] | Said[Failure] | None = None
    progress: list[Said[Notification]] = field(default_factory=list)


class _Matching:
    """Takes messages in the order of the recording.

    What is looked for in a chain of its own is found under the chain's identity; what may come any
    way is found under None.
    """

    def __init__(self) -> None:
        self._calls: list[_Pending] = []
        self._open: dict[tuple[int | None, Side, Id], deque[_Pending]] = {}
        self._tokens: dict[tuple[int | None, Side, Id], _Pending] = {}
        self._asked: dict[int, list[_Pending]] = {}
        self._notifications: list[Said[Notification]] = []
        self._unmatched: list[Said[Result] | Said[Failure]] = []
        self._malformed: list[Said[Malformed]] = []

    def take(self, message: Message, place: Place, chain: Hops) -> None:
        """Take the next message."""
        match message:
            case Call():
                self._ask(Said(message, place), chain)
            case Result():
                self._answer(Said(message, place), chain)
            case Failure():
                self._answer(Said(message, place), chain)
            case Notification():
                self._notify(Said(message, place), chain)
            case Malformed():
                self._malformed.append(Said(message, place))

    def result(self) -> Dialogue:
        """Give what was matched."""
        return Dialogue(
            calls=tuple(
                Answered(call=item.call, answer=item.answer, progress=tuple(item.progress))
                for item in self._calls
            ),
            notifications=tuple(self._notifications),
            unmatched=tuple(self._unmatched),
            malformed=tuple(self._malformed),
        )

    def _ask(self, said: Said[Call], chain: Hops) -> None:
        pending, by, call = _Pending(said), said.place.by, said.message
        self._calls.append(pending)
        if by == "client":
            self._asked.setdefault(id(chain), []).append(pending)
        refused = (chain[-1].status or 0) >= 400  # by HTTP: then no answer comes another way
        for way in (id(chain),) if refused else (id(chain), None):
            self._open.setdefault((way, by, call.id), deque()).append(pending)
        if call.progress_token is not None:
            self._tokens[id(chain), by, call.progress_token] = pending
            self._tokens[None, by, call.progress_token] = pending

    def _answer(self, said: Said[Result] | Said[Failure], chain: Hops) -> None:
        pending = self._waiting(said.message, said.place, chain)
        if pending is None:
            self._unmatched.append(said)
        else:
            pending.answer = said

    def _waiting(self, message: Result | Failure, place: Place, chain: Hops) -> _Pending | None:
        """Find the request that is waiting for an answer, the oldest of several."""
        if message.id is not None:
            for way in (id(chain), None):
                waiting = self._open.get((way, _OTHER[place.by], message.id), deque())
                while waiting and waiting[0].answer is not None:
                    waiting.popleft()
                if waiting:
                    return waiting[0]
        if isinstance(message, Failure) and place.by == "server" and place.event is None:
            # A server that refuses a request unread answers with an id of its own, or with none.
            unread = [item for item in self._asked.get(id(chain), []) if item.answer is None]
            return unread[0] if len(unread) == 1 else None
        return None

    def _notify(self, said: Said[Notification], chain: Hops) -> None:
        token, other = said.message.progress_token, _OTHER[said.place.by]
        pending = None
        if token is not None:
            direct = self._tokens.get((id(chain), other, token))
            pending = direct or self._tokens.get((None, other, token))
        if pending is None:
            self._notifications.append(said)
        else:
            pending.progress.append(said)
