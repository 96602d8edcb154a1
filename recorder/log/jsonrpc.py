"""Reads JSON-RPC 2.0 messages (jsonrpc.org/specification) out of recorded content, leniently.

Nothing raises: what is not a message is a `Malformed`. Parameters and results stay raw JSON, to be
decoded by whoever wants them. Ids and progress tokens are texts or numbers (MCP `RequestId`,
`ProgressToken`): 1 and 1.0 are equal, 1 and "1" are not, as in Python.
"""

from collections.abc import Callable
from typing import ClassVar

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from wiretape.recorder.log.raw import fields, text
from wiretape.recorder.log.records import Content

type Id = str | int | float

_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_BATCH = msgspec.json.Decoder(list[Raw])
_ID = msgspec.json.Decoder(str | int | float)
_TEXT = msgspec.json.Decoder(str)
_CODE = msgspec.json.Decoder(int)
_NULL = Raw(b"null")


class Call(Struct, frozen=True):
    """A request: an answer with the same id is due. `params` is a JSON object or array."""

    id: Id
    method: str
    params: Raw | None = None
    progress_token: Id | None = None


class Notification(Struct, frozen=True):
    """A message that is not answered. `progress_token` is set in `notifications/progress`."""

    method: str
    params: Raw | None = None
    progress_token: Id | None = None


class Result(Struct, frozen=True):
    """A successful answer."""

    method: ClassVar[None] = None
    id: Id
    result: Raw


class Failure(Struct, frozen=True):
    """An error answer; its `id` is absent if the request could not be read."""

    method: ClassVar[None] = None
    id: Id | None
    code: int
    message: str
    data: Raw | None = None


class Malformed(Struct, frozen=True):
    """What is not a JSON-RPC 2.0 message, and why."""

    method: ClassVar[None] = None
    why: str


type Message = Call | Notification | Result | Failure | Malformed


class _Envelope(Struct):
    """Any message, with the parts raw that differ: most can be read so, which is faster."""

    jsonrpc: str
    id: str | int | float | UnsetType = UNSET
    method: str | UnsetType = UNSET
    params: Raw | UnsetType = UNSET
    result: Raw | UnsetType = UNSET
    error: Raw | UnsetType = UNSET


_ENVELOPE = msgspec.json.Decoder(_Envelope)


def messages(content: Content | None) -> tuple[Message, ...]:
    """Read one message or a batch (2025-03-26); gives none where there is no JSON."""
    if content is None or content.json is UNSET:
        return ()
    usual = _usual_message(content.json)
    return _unusual(content.json) if usual is None else (usual,)


def spoken(content: Content | None) -> tuple[Message, ...]:
    """Read messages out of what may speak of something else altogether; gives none then."""
    if content is None or content.json is UNSET:
        return ()
    usual = _usual_message(content.json)
    if usual is not None:
        return (usual,)
    return _unusual(content.json) if b'"jsonrpc"' in bytes(content.json) else ()


def _unusual(raw: Raw) -> tuple[Message, ...]:
    if not bytes(raw).lstrip().startswith(b"["):
        return (_other_message(raw),)
    try:
        batch = _BATCH.decode(raw)
    except (ValueError, RecursionError) as error:
        return (Malformed(f"not readable: {error}"),)
    return tuple(map(_message, batch)) or (Malformed("an empty batch"),)


def _message(raw: Raw) -> Message:
    return _usual_message(raw) or _other_message(raw)


def _usual_message(raw: Raw) -> Message | None:
    try:
        found = _ENVELOPE.decode(raw)
        if found.jsonrpc == "2.0" and found.error is UNSET:
            params = None if found.params is UNSET else found.params
            if found.result is UNSET and found.method is not UNSET:
                return _asked(found.id, found.method, params)
            if found.result is not UNSET and found.method is UNSET and found.id is not UNSET:
                return Result(found.id, found.result)
    except (ValueError, RecursionError):
        pass
    return None


def _other_message(raw: Raw) -> Message:
    """Read an error, or tell what is wrong."""
    try:
        found = _OBJECT.decode(raw)
        kinds = found.keys() & _KINDS.keys()
        if text(found.get("jsonrpc")) != "2.0":
            return Malformed('no "jsonrpc": "2.0"')
        if len(kinds) != 1:
            return Malformed('not exactly one of "method", "result" and "error"')
        return _KINDS[kinds.pop()](found)
    except KeyError as error:
        return Malformed(f"no {error.args[0]!r}")
    except (ValueError, RecursionError) as error:
        return Malformed(str(error))


def _request(found: dict[str, Raw]) -> Call | Notification:
    number = _ID.decode(found["id"]) if "id" in found else UNSET
    return _asked(number, _TEXT.decode(found["method"]), found.get("params"))


def _asked(number: Id | UnsetType, method: str, params: Raw | None) -> Call | Notification:
    told = params is not None and b'"progressToken"' in bytes(params)
    asked = fields(params) if told else {}
    if number is UNSET:
        progress = asked if method == "notifications/progress" else {}
        return Notification(method, params, _token(progress.get("progressToken")))
    meta = fields(asked.get("_meta"))
    return Call(number, method, params, _token(meta.get("progressToken")))


def _result(found: dict[str, Raw]) -> Result:
    return Result(_ID.decode(found["id"]), found["result"])


def _failure(found: dict[str, Raw]) -> Failure:
    error = _OBJECT.decode(found["error"])
    unread = bytes(found.get("id", _NULL)) == b"null"
    return Failure(
        id=None if unread else _ID.decode(found["id"]),
        code=_CODE.decode(error["code"]),
        message=text(error.get("message")) or "",
        data=error.get("data"),
    )


def _token(raw: Raw | None) -> Id | None:
    try:
        return None if raw is None else _ID.decode(raw)
    except ValueError:
        return None


_KINDS: dict[str, Callable[[dict[str, Raw]], Message]] = {
    "method": _request,
    "result": _result,
    "error": _failure,
}
