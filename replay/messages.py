"""What a service is asked and what it answers, without any I/O."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

from wiretape.replay.streams import Stream

type Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Ask:
    """A request. `site` is the origin that the profile knows; names of headers are lower-case."""

    site: str
    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def parameters(self) -> dict[str, str]:
        """The query's parameters; of equal names the last counts."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def media_type(self) -> str:
        """The type of the body, without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Reply:
    """An answer; with a `stream` its events follow, and there is no body."""

    status: int
    headers: Headers = ()
    body: bytes = b""
    stream: Stream | None = None

    def having(self, *more: tuple[str, str]) -> "Reply":
        """Give it with more headers; one that is there already stays as it is."""
        there = {name for name, _ in self.headers}
        added = tuple(pair for pair in more if pair[0] not in there)
        return replace(self, headers=self.headers + added)


def text(status: int, body: str, media_type: str = "text/plain;charset=UTF-8") -> Reply:
    """Answer with a text."""
    return Reply(status, (("content-type", media_type),) if body else (), body.encode())


def json_reply(status: int, value: Any, *more: tuple[str, str]) -> Reply:
    """Answer with JSON."""
    return Reply(status, (("content-type", "application/json"), *more), encoded(value))


def encoded(value: Any) -> bytes:
    """Write JSON without white space."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def decoded(body: bytes) -> Any:
    """Read JSON that can be written again. Raises ValueError for anything else."""
    try:
        found = json.loads(body, parse_constant=_refused)
        encoded(found)  # half of a surrogate pair cannot be
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return found


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
