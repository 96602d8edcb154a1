"""What a step of the probe says and hears. Steps do no I/O: whoever runs them does.

A step is a generator, as `httpx.Auth.auth_flow` is: it yields a command and is sent its reply.

    Ask → Answer                  Visit → None
    Receive → events              Landed → the callback's parameters
    Close → None                  Wait → None
                                  Note → None

What cannot be done, such as a request without any answer, is thrown into the step as `StepError`;
`OverloadedError` ends the whole run.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import Raw

from wiretape.recorder.log.exchanges import header
from wiretape.recorder.log.jsonrpc import Failure, Message, Result, messages
from wiretape.recorder.log.records import Content, Header
from wiretape.recorder.wire.sse import ServerSentEvent


class StepError(Exception):
    """A step cannot go on; the text says why."""


class OverloadedError(Exception):
    """The service asks for a longer rest than the probe takes: nothing more may be sent."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Send a request; redirects are not followed.

    `label` names this point of the step in a mark. It is the same for every service, and holds
    nothing that one of them sent. An event stream is read up to the answer to the JSON-RPC request
    `answers`, or without one for its first event; then it is left, unless it is to be kept.
    """

    label: str
    method: str
    url: str
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    answers: int | None = None
    keep: bool = False


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A response; `at` is when its head came. A stream has `events`, one that is kept a number."""

    status: int
    headers: tuple[Header, ...] = ()
    at: datetime
    body: bytes = b""
    events: tuple[ServerSentEvent, ...] = ()
    stream: int | None = None

    @property
    def ok(self) -> bool:
        """Whether it says success."""
        return 200 <= self.status < 300

    def header(self, name: str) -> str | None:
        """Give the first value of the header with that lower-case name."""
        return header(self.headers, name)

    def answer_to(self, wanted: int) -> Result | Failure | None:
        """Find the answer to a JSON-RPC request, in the body or in the events.

        A server that refuses a request unread answers with an id of its own, or with none.
        """
        said = _read(self.body)
        refused = [message for message in said if isinstance(message, Failure)]
        return answer_to(wanted, self.events) or _answer(wanted, said) or next(iter(refused), None)


@dataclass(frozen=True)
class Receive:
    """Read a kept stream up to the answer to the JSON-RPC request `answers`."""

    stream: int
    answers: int


@dataclass(frozen=True)
class Close:
    """Leave a kept stream."""

    stream: int


@dataclass(frozen=True)
class Visit:
    """Let the user open a page."""

    url: str


@dataclass(frozen=True)
class Landed:
    """Wait until the browser lands on the callback with this `state`."""

    state: str


@dataclass(frozen=True)
class Wait:
    """Wait until that time; `title` says for what."""

    until: datetime
    title: str


@dataclass(frozen=True)
class Note:
    """Tell the user what was learnt."""

    text: str


type Command = Ask | Receive | Close | Visit | Landed | Wait | Note

type Walk[T] = Generator[Command, Any, T]
"""What asks its way to a T. The reply to a command is of the type in the table above."""


def ask(command: Ask) -> Walk[Answer]:
    """Send a request and give the answer."""
    answer: Answer = yield command
    return answer


def answer_to(wanted: int, events: tuple[ServerSentEvent, ...]) -> Result | Failure | None:
    """Find the answer to a JSON-RPC request among events."""
    return _answer(wanted, (said for event in events for said in _read(event.data or b"")))


def _answer(wanted: int, said: Iterator[Message] | tuple[Message, ...]) -> Result | Failure | None:
    answers = (message for message in said if isinstance(message, Result | Failure))
    return next((message for message in answers if message.id == wanted), None)


def _read(data: bytes) -> tuple[Message, ...]:
    return messages(Content(json=Raw(data))) if data else ()
