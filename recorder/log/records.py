"""The records of a recording, schema `wiretape/1`: one JSON object a line.

A recording opens with one `recording` record. Every other record carries `at` (wall clock, UTC) and
`t` (seconds on a monotonic clock since the recording's start), and, where it belongs to one, the
number of its exchange and the name of the client's connection.

All texts in the records are untrusted: they are what a client or a server sent, redacted.
"""

import hashlib
from base64 import b64decode
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlencode

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

SCHEMA = "wiretape/1"

MAX_LINE = 64 * 2**20
"""The most bytes a line may have, its newline not counted: a reader holds one in memory."""

type Time = Annotated[datetime, Meta(tz=True)]
"""A time with its offset from UTC."""

type Header = tuple[str, str]
"""A raw header: its name as spelt on the wire and its value, both bytes read as ISO-8859-1."""


class Content(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Redacted bytes in their most readable form: at most one of `json`, `form`, `text`, `base64`.

    `json` is the text of one JSON value without insignificant white space. `cut`: the content went
    on beyond what is recorded here, because it was larger than allowed.
    """

    json: Raw | UnsetType = UNSET
    form: tuple[tuple[str, str], ...] | None = None
    text: str | None = None
    base64: str | None = None
    cut: bool = False

    def data(self) -> bytes:
        """Give the recorded bytes: of a form its URL-encoding, of a text its UTF-8."""
        if self.text is not None:
            return self.text.encode()
        if self.form is not None:
            return urlencode(self.form).encode()
        if self.base64 is not None:
            return b64decode(self.base64)
        return b"" if self.json is UNSET else bytes(self.json)


class Body(Content, frozen=True, kw_only=True, omit_defaults=True):
    """The body of a request or a response.

    `size` is the number of bytes on the wire (still content-encoded, after transfer decoding);
    `sha256` is the digest of `data()`, that is of what was recorded: a digest of the unredacted
    body would let one guess its secrets. `undecoded` says why an encoded body could not be decoded;
    its bytes are then not kept, because redaction cannot see through them.
    """

    size: Annotated[int, Meta(ge=0)]
    sha256: str
    media_type: str | None = None
    encoding: str | None = None
    undecoded: str | None = None


def digest(data: bytes) -> str:
    """Digest recorded bytes for `Body.sha256`."""
    return hashlib.sha256(data).hexdigest()


class Record(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """What every record after the first has: `at` in UTC, `t` in seconds since the start."""

    at: Time
    t: float


class Recording(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="recording"
):
    """The first line: what recorded this, when, how, and with which pseudonym key.

    `mode` is `forward`, `reverse`, or what the file was made from. `provenance` says in words where
    a fixture comes from.
    """

    schema: str
    recorder: str
    mitmproxy: str | None = None
    name: str
    start: Time
    mode: str
    key_id: str | None = None
    provenance: str | None = None


class Request(Record, frozen=True, kw_only=True, omit_defaults=True, tag="request"):
    """A request as the upstream gets it. `cause` is the exchange whose redirect led here."""

    exchange: int
    connection: str
    method: str
    url: str
    http: str
    headers: tuple[Header, ...]
    body: Body | None = None
    trailers: tuple[Header, ...] = ()
    cause: int | None = None


class Response(Record, frozen=True, kw_only=True, omit_defaults=True, tag="response"):
    """A response as the upstream gave it. With `stream` its body follows as `event` records.

    `upstream` names the connection to the server. `t` is when the head arrived.
    """

    exchange: int
    connection: str
    upstream: str | None = None
    status: int
    reason: str
    http: str
    headers: tuple[Header, ...]
    body: Body | None = None
    trailers: tuple[Header, ...] = ()
    stream: bool = False


class Event(Record, frozen=True, kw_only=True, omit_defaults=True, tag="event"):
    """One SSE event, with the fields it had on the wire (WHATWG HTML, 9.2.6).

    A field that was not sent is absent. `index` counts from 0 in its stream; `comments` is the
    number of comment lines (keep-alives) since the event before; `size` is in bytes. `incomplete`:
    the stream ended before the blank line that ends an event.
    """

    exchange: int
    connection: str
    index: int
    event: str | None = None
    id: str | None = None
    retry: str | None = None
    data: Content | None = None
    comments: int = 0
    incomplete: bool = False
    size: int


class End(Record, frozen=True, kw_only=True, omit_defaults=True, tag="end"):
    """How an exchange ended. `events` and `comments` are totals of its stream."""

    exchange: int
    connection: str
    how: Literal["complete", "client abort", "server abort", "error"]
    detail: str | None = None
    events: int = 0
    comments: int = 0


class Error(Record, frozen=True, kw_only=True, omit_defaults=True, tag="error"):
    """A failure without a response; `exchange` is absent when no request was seen."""

    exchange: int | None = None
    connection: str
    kind: Literal["dns", "connect", "tls", "protocol"]
    detail: str
    peer: str | None = None


class Mark(Record, frozen=True, kw_only=True, omit_defaults=True, tag="mark"):
    """A note in the recording by whoever made it, such as a step of the probe."""

    name: str
    detail: str | None = None


class Gap(Record, frozen=True, kw_only=True, omit_defaults=True, tag="gap"):
    """Something is missing here: how many records were lost, and why."""

    reason: str
    lost: int
    exchange: int | None = None


type Entry = Request | Response | Event | End | Error | Mark | Gap
"""Any record after the first."""

type AnyRecord = Recording | Entry
