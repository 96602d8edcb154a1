"""HAR 1.2 as far as a recording needs it. Names with an underscore are custom fields."""

from typing import Annotated

from msgspec import Meta, Raw, Struct, field

from wiretape.recorder.log.records import Time

type Milliseconds = Annotated[float, Meta(le=1e11)]
"""A duration; what is not known is -1 or absent."""

type Size = Annotated[float, Meta(le=2**53)]
"""A number of bytes; what is not known is -1 or absent."""


class Pair(Struct, frozen=True):
    """A header or a parameter."""

    name: str
    value: str = ""


class PostData(Struct, frozen=True, rename="camel"):
    """A request's body: `text`, or parameters. HAR has no word for Base64, `_encoding` is ours."""

    mime_type: str = ""
    text: str | None = None
    params: tuple[Pair, ...] = ()
    encoding: str | None = field(default=None, name="_encoding")


class Content(Struct, frozen=True):
    """A response's body, decoded; `size` is given also where `text` is not."""

    size: Size | None = None
    text: str | None = None
    encoding: str | None = None


class Request(Struct, frozen=True, rename="camel", kw_only=True):
    """A request. `body_size` is the body's on the wire."""

    method: str
    url: str
    headers: tuple[Pair, ...]
    http_version: str = ""
    post_data: PostData | None = None
    body_size: Size | None = None


class Response(Struct, frozen=True, rename="camel", kw_only=True):
    """A response; where there was none, `status` is 0 and `error` may say why."""

    status: Annotated[int, Meta(ge=0, le=999)]
    status_text: str = ""
    http_version: str = ""
    headers: tuple[Pair, ...] = ()
    content: Content = Content()
    body_size: Size | None = None
    error: str | None = field(default=None, name="_error")


class Timings(Struct, frozen=True):
    """The phases of an exchange. `ssl` is not here: it is part of `connect`."""

    blocked: Milliseconds | None = None
    dns: Milliseconds | None = None
    connect: Milliseconds | None = None
    send: Milliseconds | None = None
    wait: Milliseconds | None = None


class EventMessage(Struct, frozen=True, rename="camel"):
    """An SSE event as Chromium tells it; `time` is in seconds since 1970."""

    time: float
    data: str
    event_name: str | None = None
    event_id: str | None = None


class Entry(Struct, frozen=True, rename="camel", kw_only=True):
    """An exchange; `time` is how long it took."""

    started_date_time: Time
    time: Milliseconds | None = None
    request: Request
    response: Response
    timings: Timings = Timings()
    connection: str | None = None
    web_socket_messages: tuple[object, ...] | None = field(default=None, name="_webSocketMessages")
    event_source_messages: tuple[EventMessage, ...] | None = field(
        default=None, name="_eventSourceMessages"
    )


class Creator(Struct, frozen=True):
    """What wrote the file."""

    name: str
    version: str = ""


class Log(Struct, frozen=True):
    """The whole; `entries` is still JSON."""

    entries: Raw
    creator: Creator = Creator("an unknown tool")


class File(Struct, frozen=True):
    """The outermost object."""

    log: Log
