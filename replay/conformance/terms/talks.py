"""JSON-RPC calls with their answers, whichever way these came."""

from collections.abc import Iterable
from typing import NamedTuple

from wiretape.recorder.log.dialogue import Answered
from wiretape.recorder.log.jsonrpc import Failure, Result
from wiretape.recorder.log.raw import value
from wiretape.recorder.log.sessions import sessions
from wiretape.replay.conformance.evidence import Turn


class Talk(NamedTuple):
    """A call and its answer: a `result`, a `failure`, or, if none came, neither.

    `turn` is where it was asked, `told` where the answer came, which may be another one's stream.
    `told_at` is when it came, in seconds since the recording's start. `progress` has the parameters
    of what was told of it before that.
    """

    turn: Turn
    method: str
    params: dict[str, object]
    result: object = None
    failure: Failure | None = None
    told: Turn | None = None
    told_at: float | None = None
    progress: tuple[dict[str, object], ...] = ()

    @property
    def outcome(self) -> object:
        """What was answered, to be compared; None if nothing was."""
        if self.failure is not None:
            data = value(self.failure.data)
            return {"code": self.failure.code, "message": self.failure.message, "data": data}
        return self.result

    def says(self, text: str) -> bool:
        """Tell whether an argument of the tool that is called is this text."""
        given = self.params.get("arguments")
        return isinstance(given, dict) and text in given.values()


def talks(turns: Iterable[Turn], method: str | None = None) -> list[Talk]:
    """Give the calls that clients made in these turns of one side, all or those of a method."""
    by_exchange = {id(turn.exchange): turn for turn in turns}
    exchanges = [turn.exchange for turn in by_exchange.values()]
    found = [
        _talk(call, by_exchange)
        for session in sessions(exchanges)
        for call in session.calls
        if method in {None, call.call.message.method}
    ]
    return sorted(found, key=lambda talk: talk.turn.exchange.lines.request)


def answered(turns: Iterable[Turn], method: str) -> list[Turn]:
    """Give the turns in which a method was called that has a result in any of these turns."""
    return [talk.turn for talk in talks(turns, method) if talk.result is not None]


def _talk(call: Answered, by_exchange: dict[int, Turn]) -> Talk:
    asked, answer = call.call, call.answer
    given = value(asked.message.params)
    talk = Talk(
        by_exchange[id(asked.place.exchange)],
        asked.message.method,
        given if isinstance(given, dict) else {},
        progress=tuple(
            said
            for each in call.progress
            if answer is None or each.place.line < answer.place.line
            if isinstance(said := value(each.message.params), dict)
        ),
    )
    if answer is None:
        return talk
    message = answer.message
    return talk._replace(
        result=value(message.result) if isinstance(message, Result) else None,
        failure=message if isinstance(message, Failure) else None,
        told=by_exchange[id(answer.place.exchange)],
        told_at=answer.place.t,
    )
