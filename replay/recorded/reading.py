"""Reads recordings for what was asked and answered in them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Protocol

from wiretape.recorder.errors import BadInputError
from wiretape.recorder.log.dialogue import Answered
from wiretape.recorder.log.exchanges import Exchange, exchanges
from wiretape.recorder.log.jsonrpc import Failure, Result, messages
from wiretape.recorder.log.oauth import step
from wiretape.recorder.log.reader import Reading
from wiretape.recorder.log.sessions import Session, sessions
from wiretape.replay.http.messages import decoded, encoded
from wiretape.replay.mcp.modern import HEADER_MISMATCH, UNSUPPORTED_VERSION
from wiretape.replay.recorded.asides import Asides
from wiretape.replay.recorded.interaction import Interaction, members, name_of

HANDSHAKE = frozenset({"initialize", "server/discover", "ping"})
"""What the profile answers, because it follows from what a client offers or is always the same."""

_REFUSED = frozenset({401, 403, 429})
"""Statuses that tell of the client's standing, which is not the recorded one's."""

_OF_HEADERS = frozenset({HEADER_MISMATCH, UNSUPPORTED_VERSION})
"""Errors that tell of what a request said besides the call (MCP 2026-07-28)."""

_AT_ONCE = 1 << 20


class Progress(Protocol):
    """Hears how many bytes were read since it heard last."""

    def __call__(self, read: int, /) -> object:
        """Hear of so many more bytes."""


def interactions(
    paths: Sequence[Path], endpoints: Collection[str] = (), progress: Progress = lambda _: None
) -> tuple[Interaction, ...]:
    """Give what was asked and answered in recordings, session after session.

    If some sessions are at these endpoints, others are of another service, and left out. While
    reading, only exchanges of MCP and token requests are kept. Raises BadInputError for what is no
    recording.
    """
    talks = [
        (session.endpoint, found)
        for path in paths
        for session in _sessions(path, progress)
        if (found := list(_answered(session, path.name)))
    ]
    at_home = [found for endpoint, found in talks if endpoint in endpoints]
    chosen = at_home or [found for _, found in talks]
    every = [(number, each) for number, found in enumerate(chosen) for each in found]
    return tuple(
        replace(each, number=number, session=session)
        for number, (session, each) in enumerate(every)
    )


def _sessions(path: Path, progress: Progress) -> tuple[Session, ...]:
    try:
        with path.open("rb") as file:
            reading = Reading(_Counted(file, progress), str(path))
            return sessions(filter(_matters, exchanges(reading)))
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror}") from error


def _matters(exchange: Exchange) -> bool:
    said = messages(exchange.request.body) or exchange.events
    return bool(said) or step(exchange) == "token"


def _answered(session: Session, file: str) -> Iterator[Interaction]:
    """Give the calls of a session that were answered."""
    told = [call for call in session.calls if _tells(call)]
    asides = Asides(session, told)
    for call in told:
        asked, answer = call.call, call.answer
        if answer is None:
            continue
        try:
            params = members(decoded(bytes(asked.message.params or b"{}")))
        except ValueError:
            continue
        result = isinstance(answer.message, Result)
        yield Interaction(
            number=0,
            place=f"{file}:{asked.place.line}",
            session=0,
            method=asked.message.method,
            name=name_of(asked.message.method, params),
            params=params,
            status=_status(call),
            said="result" if result else "error",
            value=_value(answer.message),
            latency=max(0.0, answer.place.t - asked.place.t),
            asides=asides.of(call),
        )


def _tells(call: Answered) -> bool:
    """Tell whether it was answered in a way that another client may be answered in, too.

    A server that refuses a request unread, such as one without a session, does not know its id.
    """
    if call.answer is None or call.call.message.method in HANDSHAKE:
        return False
    said = call.answer.message
    if isinstance(said, Failure) and said.code in _OF_HEADERS:
        return False
    status = _status(call)
    return status < 400 or (status not in _REFUSED and said.id == call.call.message.id)


def _status(call: Answered) -> int:
    """Give the status of HTTP, where the answer was the body."""
    answer = call.answer
    own = answer is not None and answer.place.event is None
    return (answer.place.exchange.status if own and answer is not None else None) or 200


def _value(said: Result | Failure) -> bytes:
    if isinstance(said, Result):
        return bytes(said.result)
    told = encoded({"code": said.code, "message": said.message})
    return told if said.data is None else told[:-1] + b',"data":' + bytes(said.data) + b"}"


class _Counted:
    """A file that tells how much of it was read."""

    def __init__(self, file: BinaryIO, progress: Progress) -> None:
        self._file = file
        self._progress = progress
        self._unsaid = 0

    def readline(self, limit: int, /) -> bytes:
        """Give the next line, at most `limit` bytes of it."""
        line = self._file.readline(limit)
        self._unsaid += len(line)
        if self._unsaid >= _AT_ONCE or not line:
            self._progress(self._unsaid)
            self._unsaid = 0
        return line
