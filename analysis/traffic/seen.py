"""An exchange as observers see it: read once, whatever many of them ask of it."""

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Literal, NamedTuple

from msgspec import Struct

from wiretape.analysis.facts import Place, Point
from wiretape.recorder.log import oauth
from wiretape.recorder.log.exchanges import Exchange, Lines
from wiretape.recorder.log.jsonrpc import spoken
from wiretape.recorder.log.records import Body, End, Error, Header, Request, Response
from wiretape.recorder.log.urls import endpoint, query

EVENT_STREAM = "text/event-stream"


_TELLING = {
    "accept",
    "content-type",
    "last-event-id",
    "mcp-protocol-version",
    "origin",
    "user-agent",
    "www-authenticate",
}
"""Headers whose values make a difference between ordinary exchanges, besides those of CORS."""


class Layout:
    """The names of a set of headers; equal ones are mostly one object, known by its identity.

    `names` are as they were sent, `positions` where each lower-case name is. `telling` picks out of
    the values those that make a difference.
    """

    __slots__ = ("names", "positions", "telling")

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.positions: dict[str, tuple[int, ...]] = {}
        for at, name in enumerate(names):
            low = name.lower()
            self.positions[low] = (*self.positions.get(low, ()), at)
        telling = [
            at
            for low, found in self.positions.items()
            if low in _TELLING or low.startswith("access-control-")
            for at in found
        ]
        self.telling: Callable[[Sequence[str]], Hashable] = (
            itemgetter(*telling) if telling else _nothing
        )


def _nothing(_values: Sequence[str]) -> None:
    pass


_layout = lru_cache(maxsize=4096)(Layout)


class Headers:
    """Headers by name, in any case; `values` are as they were sent.

    `telling` is what makes a difference: the names, some values, and how it authenticates.
    """

    __slots__ = ("layout", "positions", "telling", "values")

    def __init__(self, pairs: tuple[Header, ...]) -> None:
        names: tuple[str, ...] = ()
        self.values: tuple[str, ...] = ()
        if pairs:
            names, self.values = zip(*pairs, strict=True)
        self.layout = layout = _layout(names)
        self.positions = layout.positions
        credentials = layout.positions.get("authorization")
        scheme = None if credentials is None else self.values[credentials[0]].partition(" ")[:2]
        self.telling = (layout, scheme, layout.telling(self.values))

    @property
    def names(self) -> tuple[str, ...]:
        """The names as they were sent."""
        return self.layout.names

    @property
    def pairs(self) -> tuple[Header, ...]:
        """Names with values as they were sent."""
        return tuple(zip(self.names, self.values, strict=True))

    def get(self, name: str) -> str | None:
        """Give the first value of the header with that lower-case name."""
        found = self.positions.get(name)
        return None if found is None else self.values[found[0]]

    def all(self, name: str) -> tuple[str, ...]:
        """Give all values of the header with that lower-case name."""
        return tuple([self.values[at] for at in self.positions.get(name, ())])

    def __contains__(self, name: str) -> bool:
        return name in self.positions


_NOTHING = Headers(())


class Stream(Struct):
    """What came on an event stream.

    `names` counts events by their name. `first_name` and `first_data` are the first event's, as
    text, at most `SHORT` characters of it. `comments` are keep-alive lines. `quiet` is the longest
    time without an event, in seconds, and `quiet_comments` came in it. `pings` are the server's
    JSON-RPC calls of that name.
    """

    events: int = 0
    comments: int = 0
    with_id: int = 0
    retry: str | None = None
    incomplete: bool = False
    first_name: str | None = None
    first_data: str | None = None
    first: Point | None = None
    last: Point | None = None
    quiet: float = 0.0
    quiet_comments: int = 0
    pings: int = 0
    names: dict[str, int] = {}


SHORT = 1024


class Garbled(NamedTuple):
    """Something that should have been a JSON-RPC message: who sent it, and what is wrong."""

    by: Literal["client", "server"]
    why: str
    point: Point


class Seen:
    """An exchange with what is often asked of it.

    `sent` and `given` are the headers of the request and of the response. `said` are the JSON-RPC
    messages in the request's body. `asked`, `answered` and `ended` are where the request, the
    response and the end stand. An exchange that goes on when the recording ends has no `last`.
    `garbled` are the first messages in it that are not JSON-RPC 2.0.
    """

    response: Response | None = None
    last: End | Error | None = None
    stream: Stream | None = None
    given = _NOTHING
    answered: Point | None = None
    ended: Point | None = None
    garbled: tuple[Garbled, ...] = ()

    def __init__(self, request: Request, asked: Point) -> None:
        self.request = request
        self.asked = asked
        self.sent = Headers(request.headers)
        self.said = spoken(request.body)
        self.url = request.url
        self.method = request.method
        self.route = route(request.url)

    @property
    def point(self) -> Point:
        """Where it is told what became of it: the response's line, else the last there is."""
        return self.answered or self.ended or self.asked

    @property
    def status(self) -> int | None:
        """The response's status, if there was a response."""
        return None if self.response is None else self.response.status

    def answer(self, response: Response, point: Point) -> None:
        """Take the response."""
        self.response, self.answered = response, point
        self.given = Headers(response.headers)
        if response.stream:
            self.stream = Stream()

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The parameters of the URL's query."""
        return query(self.url) if "?" in self.url else {}

    @property
    def body(self) -> Body | None:
        """The response's body, if it was not a stream."""
        return None if self.response is None else self.response.body

    @cached_property
    def step(self) -> oauth.Step | None:
        """Which step of OAuth it is, if it is one."""
        if self.said or self.stream or self.method == "OPTIONS":
            return None
        return oauth.step(self.exchange)

    @cached_property
    def bearer(self) -> str | None:
        """The access token of its Authorization header (RFC 6750, section 2.1)."""
        scheme, _, token = (self.sent.get("authorization") or "").partition(" ")
        return token.strip() or None if scheme.lower() == "bearer" else None

    @property
    def client(self) -> str:
        """What the client calls itself: its User-Agent, or nothing."""
        return self.sent.get("user-agent") or ""

    @property
    def session(self) -> str | None:
        """The MCP session it belongs to: the `Mcp-Session-Id` it asked with or was given."""
        return self.sent.get("mcp-session-id") or self.given.get("mcp-session-id")

    @property
    def seconds(self) -> float | None:
        """How long the response took to begin."""
        return None if self.answered is None else self.answered.t - self.asked.t

    @cached_property
    def exchange(self) -> Exchange:
        """The exchange, without the events of its stream."""
        lines = Lines(
            request=self.asked.place.line,
            response=self.answered.place.line if self.answered else None,
            last=self.ended.place.line if self.ended else None,
        )
        return Exchange(request=self.request, response=self.response, last=self.last, lines=lines)

    @property
    def evidence(self) -> tuple[Place, ...]:
        """The lines of its request, its response and its end."""
        points = (self.asked, self.answered, self.ended)
        return tuple(point.place for point in points if point is not None)

    @cached_property
    def is_mcp(self) -> bool:
        """Whether it looks like MCP, whatever came of it."""
        sent = self.sent.positions
        return (
            bool(self.said)
            or "mcp-session-id" in sent
            or "mcp-protocol-version" in sent
            or (self.method == "GET" and EVENT_STREAM in (self.sent.get("accept") or ""))
            or (self.stream is not None and self.stream.first_name == "endpoint")
        )

    def aspects(self) -> tuple[bool, ...]:
        """Tell of which interest it is, in the order of `ASPECTS`."""
        sent, given, status = self.sent.positions, self.given.positions, self.status
        return (
            True,
            "authorization" in sent or "access_token=" in self.url,
            self.method == "OPTIONS" or "origin" in sent or "access-control-allow-origin" in given,
            status is None
            or status >= 400
            or not isinstance(self.last, End)
            or self.last.how != "complete",
            self.is_mcp,
            self.step is not None,
            "location" in given,
            status in {401, 403} or "www-authenticate" in given,
            self.stream is not None,
        )

    @property
    def points(self) -> tuple[Point, Point, Point]:
        """Where facts about it may stand: where it is told what became of it, its end, the request.

        An exchange without an end is taken to end with what there is of it.
        """
        asked = self.asked
        point = self.answered or self.ended or asked
        return (point, self.ended or point, asked)

    @property
    def token(self) -> Hashable:
        """What tells it from others of its kind: credentials, and a session's id that is given."""
        in_url = self.url if "access_token=" in self.url else None
        return (self.sent.get("authorization"), in_url, self.given.get("mcp-session-id"))

    @property
    def kind(self) -> Hashable:
        """What it has in common with other ordinary exchanges; None if it is none of these.

        Ordinary is what succeeds or fails in a usual way, leads nowhere else, changes nothing of
        the OAuth of a client, and is no stream that is only listened to. All of a kind have the
        same aspects.
        """
        response, last, stream = self.response, self.last, self.stream
        step = None if self.said else self.step
        if (
            last is None
            or self.garbled
            or self.request.cause is not None
            or "location" in self.given.positions
            or "{id}" in self.route
            or (stream is not None and (self.method != "POST" or stream.first_name == "endpoint"))
            or not (step is None or (step in _DOCUMENTS and "?" not in self.url))
        ):
            return None
        status = digest = None
        if response is not None:
            status = response.status
            if status not in _ORDINARY:
                return None
            if (step is not None or status >= 400) and response.body is not None:
                digest = response.body.sha256
        return (
            self.method,
            self.route,
            status,
            digest,
            self.sent.telling,
            self.given.telling,
            tuple([(type(said), said.method) for said in self.said]),
            _parameter_names(self.url) if "?" in self.url else (),
            stream and (stream.with_id > 0, stream.retry, stream.first is None),
            last.how if isinstance(last, End) else ("error", last.kind),
        )


_ORDINARY = {200, 202, 204, 401, 405, 429, 500, 502, 503, 504}
_DOCUMENTS = {"resource metadata", "server metadata"}
ASPECTS = ("any", "bearer", "cors", "failed", "mcp", "oauth", "redirect", "refused", "stream")
"""The names of what `Seen.aspects` tells."""


def _parameter_names(url: str) -> tuple[str, ...]:
    pieces = url.partition("?")[2].split("&")
    return tuple([piece.partition("=")[0] for piece in pieces])


@lru_cache(maxsize=4096)
def _shortened(endpoint_: str) -> str:
    start, slashes, rest = endpoint_.partition("://")
    host, *segments = rest.split("/")
    return start + slashes + "/".join([host, *map(_segment, segments)])


def _segment(segment: str) -> str:
    digits = sum(map(str.isdigit, segment))
    number = digits == len(segment) > 3
    return "{id}" if number or (len(segment) >= 12 and digits >= 3) else segment


def route(url: str) -> str:
    """Give the URL without its query; a part of the path that looks like an id is `{id}`."""
    bare = url.partition("?")[0]
    return _route(bare)


@lru_cache(maxsize=4096)
def _route(bare: str) -> str:
    return _shortened(endpoint(bare))
