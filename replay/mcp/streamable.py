"""Streamable HTTP (MCP 2025-03-26 and later): each POST is answered itself."""

from typing import Any

from wiretape.analysis.profile.values import Answer
from wiretape.recorder.wire.sse import serialised
from wiretape.replay.answers import reply_of
from wiretape.replay.mcp.rpc import Message, Said, answer, chosen
from wiretape.replay.mcp.sessions import Session
from wiretape.replay.mcp.talking import Talking, message_of
from wiretape.replay.messages import Ask, Reply, encoded, json_reply
from wiretape.replay.streams import Stream

_SESSION = "mcp-session-id"


class Streamable:
    """The transport of one service."""

    def __init__(self, talking: Talking) -> None:
        self._talking = talking
        self._known = talking.profile.transport

    def at_endpoint(self, ask: Ask, grant: int | None) -> Reply:
        """Answer a request to the endpoint."""
        match ask.method:
            case "POST":
                return self._post(ask, grant)
            case "GET":
                return self._get(ask, grant)
            case "DELETE":
                return self._delete(ask, grant)
        return Reply(405, (("allow", "GET, POST, DELETE"),))

    @property
    def _with_sessions(self) -> bool:
        return "header" in (self._known.session_id.place or "")

    def _post(self, ask: Ask, grant: int | None) -> Reply:
        message = message_of(ask)
        if isinstance(message, Said):
            return json_reply(message.status, message.message)
        if message.get("method") == "initialize":
            return self._begun(message, grant)
        session = self._session(ask, grant, message.get("id"))
        if isinstance(session, Reply):
            return session
        said = answer(message, self._talking.profile)
        if said is None:
            return _reply(self._known.notification, Reply(202))
        return self._answered(message, said)

    def _begun(self, message: Message, grant: int | None) -> Reply:
        profile = self._talking.profile
        said = answer(message, profile) or Said({})
        reply = self._answered(message, said)
        if not self._with_sessions:
            return reply
        session = Session(self._talking.forge.session_id(), grant, chosen(message, profile))
        self._talking.sessions.begin(session)
        return reply.having((_SESSION, session.id))

    def _get(self, ask: Ask, grant: int | None) -> Reply:
        """Open the stream for the server's messages, if there is one."""
        known = self._known.get
        if known is None or not known.stream:
            return _reply(known, Reply(405, (("allow", "POST, DELETE"),)))
        session = self._session(ask, grant, None)
        if isinstance(session, Reply):
            return session
        stream = Stream(self._talking.clock, self._talking.pace("mcp"))
        if session is not None:
            session.stream = stream
        return Reply(known.status, (("content-type", "text/event-stream"),), stream=stream)

    def _delete(self, ask: Ask, grant: int | None) -> Reply:
        if self._known.delete is None or not self._with_sessions:
            return Reply(405, (("allow", "GET, POST"),))
        session = self._session(ask, grant, None)
        if isinstance(session, Reply):
            return session
        if session is not None:
            self._talking.sessions.end(session.id)
        return reply_of(self._known.delete)

    def _session(self, ask: Ask, grant: int | None, number: Any) -> Session | Reply | None:
        """Give the session of a request, if there are any; else how the request is refused."""
        if not self._with_sessions:
            return None
        id_ = ask.headers.get(_SESSION)
        if id_ is None:
            missing = _failure(400, -32600, "Bad Request: Missing session ID")
            return _reply(self._known.missing_session, missing, number)
        found = self._talking.sessions.of(id_, grant)
        unknown = _failure(404, -32001, "Session not found")
        return found or _reply(self._known.unknown_session, unknown, number)

    def _answered(self, message: Message, said: Said) -> Reply:
        """Answer in the body, or on a stream if the method is only known to be answered so."""
        known = self._talking.profile.protocol.method.get(str(message.get("method")))
        ways = (known.ways if known is not None else ()) or self._known.ways or ()
        if "stream" not in ways or "body" in ways or said.status != 200:
            return json_reply(said.status, said.message)
        event = serialised(((b"event", b"message"), (b"data", encoded(said.message)))) + b"\n"
        return Reply(200, (("content-type", "text/event-stream"),), event)


def _failure(status: int, code: int, message: str) -> Reply:
    said = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}}
    return json_reply(status, said)


def _reply(known: Answer | None, otherwise: Reply, number: Any = None) -> Reply:
    return otherwise if known is None else reply_of(known, number)
