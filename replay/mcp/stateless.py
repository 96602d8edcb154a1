"""Streamable HTTP without sessions (MCP 2026-07-28): each POST says all that is to be known of it.

The rules are those of that revision's basic/transports/streamable-http; the order in which they are
checked, and the texts, those of the official Python SDK 2.3. No call is refused for a capability
that the client lacks: no profile tells which calls need one.
"""

from base64 import b64decode
from typing import Any

from wiretape.analysis.profile.model import Profile
from wiretape.replay.mcp.modern import (
    CAPABILITIES,
    HANDSHAKES,
    HEADER_MISMATCH,
    INVALID_PARAMS,
    INVALID_REQUEST,
    PROTOCOL_VERSION,
    SINCE,
    UNSUPPORTED_VERSION,
    meta,
    only,
    revisions,
    speaks,
    status,
)
from wiretape.replay.mcp.posts import Posts
from wiretape.replay.mcp.requirements import VERSION, Requirements
from wiretape.replay.mcp.rpc import Message, Said, failure
from wiretape.replay.mcp.talking import message_of
from wiretape.replay.messages import Ask, Reply, json_reply
from wiretape.replay.visit import Visit

_METHOD, _NAME = "mcp-method", "mcp-name"
_NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


class Stateless:
    """The transport of one service."""

    def __init__(self, profile: Profile, posts: Posts, requirements: Requirements) -> None:
        self._posts = posts
        self._requirements = requirements
        self._speaks, self._only = speaks(profile), only(profile)
        self._spoken = sorted((revisions(profile) | {SINCE}) - HANDSHAKES)

    def concerns(self, ask: Ask) -> bool:
        """Tell whether a request is of this form: by its version, where older are spoken too."""
        version = ask.headers.get(VERSION)
        return self._only or (self._speaks and version is not None and version not in HANDSHAKES)

    def at_endpoint(self, visit: Visit) -> Reply:
        """Answer a request to the endpoint; what an older client says of a session is ignored."""
        if visit.ask.method != "POST":
            return Reply(405, (("allow", "POST"),))
        refused = self._requirements.of_post(visit.ask)
        return refused or self._posted(visit, message_of(visit.ask))

    def _posted(self, visit: Visit, message: Message | list[Any] | Said) -> Reply:
        if isinstance(message, Said):
            return json_reply(message.status, message.message)
        if not isinstance(message, dict) or not isinstance(message.get("method"), str):
            why = "Body must be a single JSON-RPC request or notification object"
            return _refused(None, INVALID_REQUEST, why)
        if "id" not in message:
            return Reply(202)
        return self._unlike(visit.ask, message) or self._posts.answered(visit, message)

    def _unlike(self, ask: Ask, message: Message) -> Reply | None:
        """Refuse what does not say of itself what it must, or something else in its headers."""
        told, number = meta(message), message["id"]
        if missing := [key for key in (PROTOCOL_VERSION, CAPABILITIES) if key not in told]:
            return _refused(number, INVALID_PARAMS, f"params._meta lacks {', '.join(missing)}")
        version, method = told[PROTOCOL_VERSION], message["method"]
        if not isinstance(version, str) or ask.headers.get(VERSION) != version:
            return _mismatch(number, VERSION, "protocol version")
        if ask.headers.get(_METHOD) != method:
            return _mismatch(number, _METHOD, "method")
        name = message["params"].get(_NAMED_BY.get(method, ""))
        if name is not None and _decoded(ask.headers.get(_NAME)) != name:
            return _mismatch(number, _NAME, _NAMED_BY[method])
        if version in self._spoken:
            return None
        data = {"supported": self._spoken, "requested": version}
        return _refused(number, UNSUPPORTED_VERSION, "Unsupported protocol version", data)


def _mismatch(number: Any, header: str, what: str) -> Reply:
    why = f"Header mismatch: {header} is not the body's {what}"
    return _refused(number, HEADER_MISMATCH, why)


def _refused(number: Any, code: int, why: str, data: Any = None) -> Reply:
    said = failure(number, code, why).message
    if data is not None:
        said["error"]["data"] = data
    return json_reply(status(code), said)


def _decoded(value: str | None) -> str | None:
    """Read a header's value (2026-07-28, Value Encoding); None if it cannot be read."""
    head, tail = "=?base64?", "?="
    if value is None or not (value.startswith(head) and value.endswith(tail)):
        return value
    try:
        return b64decode(value[len(head) : -len(tail)], validate=True).decode()
    except ValueError:
        return None
