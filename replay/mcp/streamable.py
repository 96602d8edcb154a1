"""Streamable HTTP (MCP 2025-03-26 and later): each POST is answered itself."""

from typing import Any

from wiretape.analysis.profile.values import Answer
from wiretape.recorder.wire.sse import serialised
from wiretape.replay.answers import reply_of
from wiretape.replay.mcp.rpc import Message, Said, chosen
from wiretape.replay.mcp.sessions import Session
from wiretape.replay.mcp.talking import Talking, message_of
from wiretape.replay.messages import Reply, json_reply
from wiretape.replay.streams import Stream
from wiretape.replay.visit import Visit

_SESSION = "mcp-session-id"
_JSON = (("content-type", "application/json"),)
_EVENTS = (("content-type", "text/event-stream"),)


class Streamable:
    """The transport of one service."""

    def __init__(self, talking: Talking) -> None:
        self._talking = talking
        self._world = talking.world
        self._known = talking.world.profile.transport

    def at_endpoint(self, visit: Visit) -> Reply:
        """Answer a request to the endpoint."""
        match visit.ask.method:
            case "POST":
                return self._post(visit)
            case "GET":
                return self._get(visit)
            case "DELETE":
                return self._delete(visit)
        return Reply(405, (("allow", "GET, POST, DELETE"),))

    @property
    def _with_sessions(self) -> bool:
        return "header" in (self._known.session_id.place or "")

    def _post(self, visit: Visit) -> Reply:
        message = message_of(visit.ask)
        if isinstance(message, Said):
            return json_reply(message.status, message.message)
        if message.get("method") == "initialize":
            return self._begun(visit, message)
        session = self._session(visit, message.get("id"))
        if isinstance(session, Reply):
            return session
        return self._answered(visit, message)

    def _begun(self, visit: Visit, message: Message) -> Reply:
        reply, world = self._answered(visit, message), self._world
        if not self._with_sessions:
            return reply
        revision = chosen(message, world.profile)
        session = Session(world.forge.session_id(), visit.number, revision)
        world.sessions.begin(session)
        return reply.having((_SESSION, session.id))

    def _get(self, visit: Visit) -> Reply:
        """Open the stream for the server's messages, if there is one."""
        known = self._known.get
        if known is None or not known.stream:
            return _reply(known, Reply(405, (("allow", "POST, DELETE"),)))
        session = self._session(visit, None)
        if isinstance(session, Reply):
            return session
        stream = Stream(self._world.clock, self._talking.pace("mcp"))
        if session is not None:
            session.stream = stream
        return Reply(known.status, (("content-type", "text/event-stream"),), stream=stream.chunks)

    def _delete(self, visit: Visit) -> Reply:
        if self._known.delete is None or not self._with_sessions:
            return Reply(405, (("allow", "GET, POST"),))
        session = self._session(visit, None)
        if isinstance(session, Reply):
            return session
        if session is not None:
            self._world.sessions.end(session.id)
        return reply_of(self._known.delete)

    def _session(self, visit: Visit, number: Any) -> Session | Reply | None:
        """Give the session of a request, if there are any; else how the request is refused."""
        if not self._with_sessions:
            return None
        id_ = visit.ask.headers.get(_SESSION)
        if id_ is None:
            missing = _failure(400, -32600, "Bad Request: Missing session ID")
            return _reply(self._known.missing_session, missing, number)
        found = self._world.sessions.of(id_, visit.number)
        unknown = _failure(404, -32001, "Session not found")
        return found or _reply(self._known.unknown_session, unknown, number)

    def _answered(self, visit: Visit, message: Message) -> Reply:
        """Answer in the body; on a stream if that is how the method is known to be answered.

        A stream it is, too, for whatever is not exactly one message.
        """
        spoken = self._talking.spoken(visit, message)
        if spoken is None:
            return _reply(self._known.notification, Reply(202))
        known = self._world.profile.protocol.method.get(str(message.get("method")))
        ways = (known.ways if known is not None else ()) or self._known.ways or ()
        in_body = "stream" not in ways or "body" in ways or spoken.status != 200
        if in_body and len(spoken.lines) == 1:
            return Reply(spoken.status, _JSON, spoken.lines[0])
        return Reply(200, _EVENTS, b"".join(map(_event, spoken.lines)))


def _event(line: bytes) -> bytes:
    return serialised(((b"event", b"message"), (b"data", line))) + b"\n"


def _failure(status: int, code: int, message: str) -> Reply:
    said = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}}
    return json_reply(status, said)


def _reply(known: Answer | None, otherwise: Reply, number: Any = None) -> Reply:
    return otherwise if known is None else reply_of(known, number)
