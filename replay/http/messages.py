"""What a service is asked and what it answers, without any I/O."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Literal
from urllib.parse import parse_qsl

import msgspec

type Chunks = AsyncGenerator[bytes]
type Loss = Literal["reset", "closed"]
type Headers = tuple[tuple[str, str], ...]

EVENTS: Headers = (("content-type", "text/event-stream"),)
"""The headers of a stream of server-sent events."""


@dataclass(frozen=True)
class Ask:
    """A request. `site` is the origin that the profile knows; names of headers are lower-case.

    `document` is what was found at the URL that its client has for an id, if that was needed; a
    text tells why there is none.
    """

    site: str
    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    document: bytes | str | None = field(default=None, repr=False)

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The query's parameters; of equal names the last counts."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def media_type(self) -> str:
        """The type of the body, without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @cached_property
    def json(self) -> Any:
        """The body as JSON. Raises ValueError if it is none."""
        return decoded(self.body)


class LostError(Exception):
    """Raised while a reply's stream is carried: the connection ends here, in this way."""

    def __init__(self, how: Loss) -> None:
        super().__init__(how)
        self.how = how


@dataclass(frozen=True)
class Reply:
    """An answer; with a `stream` its chunks follow, and there is no body.

    It is sent `delay` seconds of the service's clock later, or not at all if it is `lost`.
    """

    status: int
    headers: Headers = ()
    body: bytes = b""
    stream: Callable[[], Chunks] | None = None
    delay: float = 0
    lost: Loss | None = None

    @property
    def is_event_stream(self) -> bool:
        """Tell whether it consists of server-sent events; what is accepted with 202 does not."""
        return self.status == 200 and any(
            name == "content-type" and value.startswith("text/event-stream")
            for name, value in self.headers
        )

    def header(self, name: str) -> str | None:
        """Give the header of that lower-case name."""
        return next((value for known, value in self.headers if known == name), None)

    @property
    def told(self) -> dict[str, Any]:
        """The JSON object that is its body; empty if it is none."""
        try:
            found = decoded(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def having(self, *more: tuple[str, str]) -> "Reply":
        """Give it with more headers; one that is there already stays as it is."""
        there = {name for name, _ in self.headers}
        added = tuple(pair for pair in more if pair[0] not in there)
        return self._with(self.headers + added)

    def setting(self, name: str, value: str) -> "Reply":
        """Give it with that value of a header, which keeps its place."""
        if self.header(name) is None:
            return self.having((name, value))
        told = ((known, value if known == name else was) for known, was in self.headers)
        return self._with(tuple(told))

    def saying(self, body: bytes) -> "Reply":
        """Give it with another body."""
        return replace(self, body=body)

    def flowing(self, through: Callable[[Chunks], Chunks]) -> "Reply":
        """Give it with its body, or its stream, led through something."""
        stream = self.stream or partial(_once, self.body)
        return replace(self, body=b"", stream=lambda: _led(stream(), through))

    def without(self, *names: str) -> "Reply":
        """Give it without these headers."""
        return self._with(tuple(pair for pair in self.headers if pair[0] not in names))

    def _with(self, headers: Headers) -> "Reply":
        return Reply(self.status, headers, self.body, self.stream, self.delay, self.lost)


async def _once(body: bytes) -> Chunks:
    yield body


async def _led(chunks: Chunks, through: Callable[[Chunks], Chunks]) -> Chunks:
    """Lead chunks through something; their source learns at once when that breaks off."""
    async with aclosing(chunks):
        async for chunk in through(chunks):
            yield chunk


def text(status: int, body: str, media_type: str = "text/plain;charset=UTF-8") -> Reply:
    """Answer with a text."""
    return Reply(status, (("content-type", media_type),) if body else (), body.encode())


def json_reply(status: int, value: Any, *more: tuple[str, str]) -> Reply:
    """Answer with JSON."""
    return Reply(status, (("content-type", "application/json"), *more), encoded(value))


def encoded(value: Any) -> bytes:
    """Write JSON without white space."""
    return msgspec.json.encode(value)


def decoded(body: bytes) -> Any:
    """Read JSON that can be written again. Raises ValueError for anything else."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
