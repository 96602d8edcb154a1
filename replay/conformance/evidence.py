"""What a recording shows of one trial: what clients asked of the target, and it of the service.

Whoever plays a trial says in marks of the recording where it begins and ends, which step comes
next, and what else there is to know (`SIDES`, `TRIAL`, `STEP`, `NOTE`, `STUCK`, `OVER`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Literal

from msgspec import UNSET

from wiretape.analysis.traffic.seen import Headers
from wiretape.recorder.log import jsonrpc, oauth
from wiretape.recorder.log.exchanges import Exchange
from wiretape.recorder.log.raw import value
from wiretape.recorder.log.records import Content
from wiretape.recorder.log.urls import origin, path, query
from wiretape.recorder.wire import challenge

SIDES = "conformance sides"
TRIAL = "conformance trial"
STEP = "conformance step"
NOTE = "conformance note"
STUCK = "conformance stuck"
OVER = "conformance over"
"""The names of marks; their details are: the origins as JSON, a trial's name, a step's, a note,
why a trial broke off, and a trial's name again."""

type Side = Literal["down", "up"]


class Turn:
    """An exchange as checks see it; what is not there, or cannot be read, is empty or None.

    `step` is the play's label for what happens at that time. `side` is `down` between a client and
    the target, `up` between the target and the service.
    """

    def __init__(self, exchange: Exchange, side: Side, step: str | None = None) -> None:
        self.exchange = exchange
        self.side = side
        self.step = step
        self.method = exchange.request.method
        self.url = exchange.request.url
        self.sent = Headers(exchange.request.headers)
        response = exchange.response
        self.given = Headers(() if response is None else response.headers)
        self.status = exchange.status

    @cached_property
    def path(self) -> str:
        """The URL's path."""
        return path(self.url)

    @cached_property
    def query(self) -> dict[str, str]:
        """The parameters of the URL; of equal names the last counts."""
        return query(self.url)

    @cached_property
    def form(self) -> dict[str, str]:
        """The request's form (application/x-www-form-urlencoded)."""
        body = self.exchange.request.body
        return dict(body.form) if body is not None and body.form is not None else {}

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The request's form, or the texts of a JSON object where a form ought to be."""
        return oauth.parameters(self.exchange.request.body)

    @cached_property
    def asked(self) -> object:
        """The JSON of the request's body."""
        return _json(self.exchange.request.body)

    @cached_property
    def answer(self) -> object:
        """The JSON of the response's body, if that was no stream."""
        response = self.exchange.response
        return None if response is None else _json(response.body)

    @cached_property
    def fields(self) -> dict[str, object]:
        """The members of the response's JSON object."""
        return self.answer if isinstance(self.answer, dict) else {}

    def member(self, name: str) -> str | None:
        """Give a member of the response's JSON object that is a text."""
        found = self.fields.get(name)
        return found if isinstance(found, str) else None

    @cached_property
    def text(self) -> str:
        """All that was answered, as text: the body, or the data of the stream's events."""
        response = self.exchange.response
        parts = [] if response is None or response.body is None else [response.body.data()]
        parts += [event.data.data() for event in self.exchange.events if event.data is not None]
        return "\n".join(part.decode("utf-8", "replace") for part in parts)

    @cached_property
    def said(self) -> tuple[jsonrpc.Message, ...]:
        """The JSON-RPC messages of the request."""
        return jsonrpc.spoken(self.exchange.request.body)

    @cached_property
    def heard(self) -> tuple[jsonrpc.Message, ...]:
        """The JSON-RPC messages of the response, in its body or in its stream's events."""
        response = self.exchange.response
        body = () if response is None else jsonrpc.spoken(response.body)
        events = self.exchange.events
        return (*body, *(each for event in events for each in jsonrpc.spoken(event.data)))

    @cached_property
    def results(self) -> tuple[dict[str, object], ...]:
        """The results among `heard`: objects, as all of MCP are."""
        found = (value(each.result) for each in self.heard if isinstance(each, jsonrpc.Result))
        return tuple(each for each in found if isinstance(each, dict))

    @cached_property
    def failures(self) -> tuple[jsonrpc.Failure, ...]:
        """The JSON-RPC errors among `heard`."""
        return tuple(each for each in self.heard if isinstance(each, jsonrpc.Failure))

    @property
    def rpc(self) -> str | None:
        """The method of the first JSON-RPC message of the request."""
        return next((each.method for each in self.said if each.method), None)

    @cached_property
    def oauth(self) -> oauth.Step | None:
        """Which step of OAuth it is, if it is one."""
        return oauth.step(self.exchange)

    @cached_property
    def bearer(self) -> str | None:
        """The access token it was asked with (RFC 6750, section 2.1)."""
        return oauth.bearer(self.exchange)

    @cached_property
    def location(self) -> str | None:
        """The absolute URL that it redirects to."""
        return oauth.location(self.exchange)

    @cached_property
    def challenges(self) -> tuple[challenge.Challenge, ...]:
        """Its `WWW-Authenticate`; nothing if that cannot be read."""
        try:
            return challenge.parse(self.given.all("www-authenticate"))
        except challenge.ChallengeError:
            return ()

    @property
    def seconds(self) -> float | None:
        """How long it took, to its end if it came to one, else to the response."""
        ended = self.exchange.last or self.exchange.response
        return None if ended is None else ended.t - self.exchange.request.t

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines of its request, its response, and its end if it failed."""
        lines = self.exchange.lines
        last = None if self.exchange.complete else lines.last
        return tuple(line for line in (lines.request, lines.response, last) if line is not None)

    def __repr__(self) -> str:
        return f"<{self.side} {self.method} {self.path} {self.status}>"


@dataclass(frozen=True)
class Sides:
    """Where the sides are: what goes to `target` is downstream, what goes to `service` upstream.

    Each is a set of origins; without `service` all that does not go to the target is upstream,
    without `target` all that does not go to the service is downstream.
    """

    target: frozenset[str]
    service: frozenset[str] = frozenset()

    def of(self, url: str) -> Side | None:
        """Tell on which side a URL is, if on any."""
        at = origin(url)
        if at in self.target:
            return "down"
        if at in self.service or not self.service:
            return "up"
        return None if self.target else "down"


@dataclass(frozen=True)
class Note:
    """Something that is not on the wire and that the play saw, such as a secret in a log."""

    name: str
    detail: str
    step: str | None
    line: int


@dataclass(frozen=True)
class Evidence:
    """The turns of a trial in the order of their requests; of a whole recording if it has no name.

    `stuck` says why the play could not go on.
    """

    trial: str | None
    turns: tuple[Turn, ...]
    notes: tuple[Note, ...] = ()
    stuck: str | None = None

    @cached_property
    def down(self) -> tuple[Turn, ...]:
        """What clients asked of the target."""
        return tuple(turn for turn in self.turns if turn.side == "down")

    @cached_property
    def up(self) -> tuple[Turn, ...]:
        """What the target asked of the service."""
        return tuple(turn for turn in self.turns if turn.side == "up")

    def at(self, *steps: str) -> "Evidence":
        """Give what belongs to these steps."""
        return Evidence(
            self.trial,
            tuple(turn for turn in self.turns if turn.step in steps),
            tuple(note for note in self.notes if note.step in steps),
            self.stuck,
        )

    def noted(self, name: str) -> tuple[str, ...]:
        """Give the details of the notes of this name."""
        return tuple(note.detail for note in self.notes if note.name == name)

    def number(self, name: str) -> float:
        """Give the number that the first note of this name says; 0 if none says one."""
        for detail in self.noted(name):
            try:
                found = float(detail)
            except ValueError:
                continue
            if isfinite(found):
                return found
        return 0


def oauth_turns(turns: Iterable[Turn], step: oauth.Step) -> list[Turn]:
    """Give the turns that are this step of OAuth."""
    return [turn for turn in turns if turn.oauth == step]


def calls(turns: Iterable[Turn], method: str) -> list[Turn]:
    """Give the turns in which this JSON-RPC method was called."""
    return [turn for turn in turns if turn.rpc == method]


def _json(content: Content | None) -> object:
    return None if content is None or content.json is UNSET else value(content.json)
