"""Streamable HTTP without sessions (MCP 2026-07-28): each POST says all that is to be known of it.

The rules are those of that revision's basic/transports/streamable-http; the order in which they are
checked, and the texts, those of the official Python SDK 2.3. No call is refused for a capability
that the client lacks: no profile tells which calls need one.
"""

from typing import Any

from wiretape.replay.http.messages import EVENTS, Ask, Reply, json_reply
from wiretape.replay.mcp.bodies import Unread, body_of
from wiretape.replay.mcp.mirrored import Mirrored
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
    speaks,
    spoken,
    status,
)
from wiretape.replay.mcp.posts import Posts
from wiretape.replay.mcp.requirements import VERSION, Requirements
from wiretape.replay.mcp.rpc import Message, failure, is_id
from wiretape.replay.mcp.sessions import Session
from wiretape.replay.mcp.subscriptions import (
    ACKNOWLEDGED,
    LISTEN,
    SUBSCRIPTION,
    honoured,
    offered,
    wants,
)
from wiretape.replay.mcp.talking import Talking
from wiretape.replay.visit import Visit


class Stateless:
    """The transport of one service."""

    def __init__(self, talking: Talking, posts: Posts, requirements: Requirements) -> None:
        self._talking = talking
        self._world = talking.world
        self._profile = profile = talking.world.profile
        self._posts = posts
        self._mirrored = Mirrored(profile)
        self._requirements = requirements
        self._speaks, self._only = speaks(profile), only(profile)
        self._spoken = spoken(profile)

    def concerns(self, ask: Ask) -> bool:
        """Tell whether a request is of this form: by its version, where older are spoken too."""
        version = ask.headers.get(VERSION)
        return self._only or (self._speaks and version is not None and version not in HANDSHAKES)

    def at_endpoint(self, visit: Visit) -> Reply:
        """Answer a request to the endpoint; what an older client says of a session is ignored."""
        if visit.ask.method != "POST":
            return Reply(405, (("allow", "POST"),))
        refused = self._requirements.of_post(visit.ask)
        return refused or self._posted(visit, body_of(visit.ask))

    def _posted(self, visit: Visit, message: Message | list[Any] | Unread) -> Reply:
        if isinstance(message, Unread) and message.what == "no_json":
            return json_reply(message.said.status, message.said.message)
        if not (isinstance(message, dict) and isinstance(message.get("method"), str)):
            why = "Body must be a single JSON-RPC request or notification object"
            return _refused(None, INVALID_REQUEST, why)
        if "id" not in message:
            return Reply(202)
        return self._unlike(visit.ask, message) or self._answered(visit, message)

    def _answered(self, visit: Visit, message: Message) -> Reply:
        if message["method"] == LISTEN and offered(self._profile):
            return self._subscribed(visit, message)
        return self._posts.answered(visit, message)

    def _subscribed(self, visit: Visit, message: Message) -> Reply:
        """Open a stream for what the client wants to be told of: a session without an id to name.

        It is the one answer that stays open; that it has ended is told by its end.
        """
        sessions, id_ = self._world.sessions, self._world.forge.session_id()
        session = sessions.begin(Session(id_, visit.number, SINCE), visit.grant)
        session.stream = self._talking.stream("mcp", session, lambda: sessions.end(id_))
        agreed = honoured(message["params"].get("notifications"), self._profile)
        session.wants, session.about = wants(agreed), {SUBSCRIPTION: message["id"]}
        session.tell(ACKNOWLEDGED, {"notifications": agreed})
        visit.entry.session = session.number
        return Reply(200, EVENTS, stream=session.stream.chunks)

    def _unlike(self, ask: Ask, message: Message) -> Reply | None:
        """Refuse what does not say of itself what it must, or something else in its headers."""
        told, number = meta(message), message["id"]
        if not is_id(number):
            return _refused(None, INVALID_REQUEST, "Invalid Request")
        if missing := [key for key in (PROTOCOL_VERSION, CAPABILITIES) if key not in told]:
            return _refused(number, INVALID_PARAMS, f"params._meta lacks {', '.join(missing)}")
        version = told[PROTOCOL_VERSION]
        header = ask.headers.get(VERSION, "").strip()
        wrong = VERSION if header != version else self._mirrored.mismatch(message, ask.headers)
        if wrong is not None:
            why = f"Header mismatch: {wrong} is not what the body says"
            return _refused(number, HEADER_MISMATCH, why)
        if version in self._spoken:
            return None
        data = {"supported": self._spoken, "requested": version}
        return _refused(number, UNSUPPORTED_VERSION, "Unsupported protocol version", data)


def _refused(number: Any, code: int, why: str, data: Any = None) -> Reply:
    said = failure(number, code, why).message
    if data is not None:
        said["error"]["data"] = data
    return json_reply(status(code), said)
