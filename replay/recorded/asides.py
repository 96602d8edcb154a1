"""What a server said besides its answers, each put where it was said in the dialogue."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from msgspec import Raw

from wiretape.recorder.log.dialogue import Answered, Place
from wiretape.recorder.log.raw import fields
from wiretape.recorder.log.sessions import Session
from wiretape.replay.http.messages import encoded
from wiretape.replay.recorded.interaction import Aside

_TOKEN = "progressToken"  # noqa: S105  # a member's name, not a secret


class _Told(NamedTuple):
    """Something that was said, of the call `of` if that is known, and where it was replied to."""

    place: Place
    kind: Literal["note", "progress", "call"]
    method: str
    params: Raw | None
    of: Answered | None = None
    replied: Place | None = None


class Asides:
    """What was said besides in a session, by the call that was under way then.

    That is the call on whose stream it was said, or whose progress it tells; else the last which
    was asked before, else the first.
    """

    def __init__(self, session: Session, calls: Sequence[Answered]) -> None:
        self._by_call: dict[int, list[Aside]] = {}
        self._lines = [call.call.place.line for call in calls]
        self._calls = calls
        for told in sorted(_told(session), key=lambda told: told.place.line):
            of = told.of or self._under_way(told.place)
            if of is not None:
                self._by_call.setdefault(id(of), []).append(_aside(told, of))

    def of(self, call: Answered) -> tuple[Aside, ...]:
        """Give what was said while a call was under way, and until the next."""
        return tuple(self._by_call.get(id(call), ()))

    def _under_way(self, place: Place) -> Answered | None:
        for call in self._calls:
            answer = call.answer
            if answer is not None and answer.place.exchange is place.exchange and _own(call):
                return call
        before = bisect_right(self._lines, place.line)
        return self._calls[max(before - 1, 0)] if self._calls else None


def _told(session: Session) -> Iterator[_Told]:
    for call in session.calls:
        for progress in call.progress:
            said = progress.message
            yield _Told(progress.place, "progress", said.method, said.params, call)
    for note in session.server_notifications:
        if _TOKEN.encode() not in bytes(note.message.params or b""):  # of a call that is not there
            yield _Told(note.place, "note", note.message.method, note.message.params)
    for asked in session.server_calls:
        called, reply = asked.call.message, asked.answer
        replied = None if reply is None else reply.place
        yield _Told(asked.call.place, "call", called.method, called.params, replied=replied)


def _own(call: Answered) -> bool:
    """Tell whether the answer came in the call's own exchange."""
    return call.answer is not None and call.answer.place.exchange is call.call.place.exchange


def _aside(told: _Told, of: Answered) -> Aside:
    answer, asked = of.answer, of.call.place
    return Aside(
        kind=told.kind,
        method=told.method,
        params=_without_token(told.params) if told.kind == "progress" else _own_bytes(told.params),
        after=max(0.0, told.place.t - asked.t),
        session=answer is not None and told.place.exchange is not answer.place.exchange,
        last=answer is not None and told.place.line > answer.place.line,
        until=None if told.replied is None else max(0.0, told.replied.t - asked.t),
    )


def _own_bytes(params: Raw | None) -> bytes | None:
    return None if params is None else bytes(params)


def _without_token(params: Raw | None) -> bytes:
    said = (
        b"%b:%b" % (encoded(name), bytes(value))
        for name, value in fields(params).items()
        if name != _TOKEN
    )
    return b"{" + b",".join(said) + b"}"
