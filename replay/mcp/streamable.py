"""Streamable HTTP (MCP 2025-03-26 to 2025-11-25): each POST is answered itself.

What the profile does not tell is assumed as the official Python SDK does it, unless said otherwise.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from wiretape.analysis.profile.values import Answer
from wiretape.replay.http.answers import reply_of
from wiretape.replay.http.messages import EVENTS, Chunks, Reply, json_reply
from wiretape.replay.mcp.bodies import BATCH, Unread, What, body_of
from wiretape.replay.mcp.posts import Posts
from wiretape.replay.mcp.requirements import DEFAULT, VERSION, Requirements, refusal
from wiretape.replay.mcp.rpc import Message, failure
from wiretape.replay.mcp.sessions import Session
from wiretape.replay.mcp.stateless import Stateless
from wiretape.replay.mcp.talking import Talking, takes_batches
from wiretape.replay.visit import Visit

_SESSION = "mcp-session-id"
_LAST = "last-event-id"
_NOT_FOUND = -32001
"""What SDKs say of a session that is not there; the specification has no code for it."""


class Streamable:
    """The transport of one service."""

    def __init__(self, talking: Talking) -> None:
        profile = talking.world.profile
        self._talking = talking
        self._world = talking.world
        self._known = profile.transport
        self._with_sessions = "header" in (profile.transport.session_id.place or "")
        self._answers: dict[What, Answer | None] = {
            "no_json": self._known.no_json,
            "no_message": self._known.no_message,
            "batch": self._known.batch,
        }
        self._requirements = Requirements(profile)
        self._posts = Posts(talking)
        self._stateless = Stateless(talking, self._posts, self._requirements)

    def at_endpoint(self, visit: Visit) -> Reply:
        """Answer a request to the endpoint."""
        if self._stateless.concerns(visit.ask):
            return self._stateless.at_endpoint(visit)
        match visit.ask.method:
            case "POST":
                return self._requirements.of_post(visit.ask) or self._post(visit)
            case "GET":
                return self._get(visit)
            case "DELETE":
                return self._delete(visit)
        return Reply(405, (("allow", "GET, POST, DELETE"),))

    def _post(self, visit: Visit) -> Reply:
        found = body_of(visit.ask)
        if isinstance(found, Unread):
            return self._unread(found)
        if isinstance(found, dict) and found.get("method") == "initialize":
            return self._begun(visit, found)
        session = self._session(visit, found.get("id") if isinstance(found, dict) else None)
        if isinstance(session, Reply):
            return session
        if isinstance(found, dict):
            if session is not None:
                self._talking.heard(visit, found, session)
            return self._posts.answered(visit, found)
        begun = session.revision if session is not None else None
        if not takes_batches(visit.ask.headers.get(VERSION) or begun or DEFAULT):
            return self._unread(BATCH)
        visit.session = session
        return self._posts.all_answered(visit, found)

    def _unread(self, found: Unread) -> Reply:
        return found.answer(self._answers, json_reply(found.said.status, found.said.message))

    def _begun(self, visit: Visit, message: Message) -> Reply:
        """Begin a session; one that is named goes on, with what is agreed on now."""
        if not self._with_sessions:
            return self._posts.answered(visit, message)
        if _SESSION in visit.ask.headers:
            session = self._session(visit, message.get("id"))
            if not isinstance(session, Session):
                return session or self._posts.answered(visit, message)
        else:
            session = Session(self._world.forge.session_id(), visit.number)
            self._world.sessions.begin(session, visit.grant)
        self._talking.heard(visit, message, session)
        if session.stream is None and self._known.get is not None and self._known.get.stream:
            session.stream = self._talking.stream("mcp", session)
        return self._posts.answered(visit, message).having((_SESSION, session.id))

    def _get(self, visit: Visit) -> Reply:
        """Open the stream for the server's messages, if there is one, or go on with another."""
        known = self._known.get
        if known is None and self._known.missing_session is not None:
            session = self._session(visit, None)
            if isinstance(session, Reply):
                return session
        if known is None or not known.stream:
            return _reply(known, Reply(405, (("allow", "POST, DELETE"),)))
        session = self._requirements.of_get(visit.ask) or self._session(visit, None)
        if isinstance(session, Reply):
            return session
        found = self._listening(visit, session or Session("", visit.number))
        if isinstance(found, Reply):
            return found
        return Reply(known.status, EVENTS, stream=found)

    def _delete(self, visit: Visit) -> Reply:
        known = self._known.delete
        if known is None or not self._with_sessions:
            return Reply(405, (("allow", "GET, POST"),))
        session = self._session(visit, None)
        if isinstance(session, Reply):
            return session
        if session is not None and known.status < 400:
            self._world.sessions.end(session.id)
        return reply_of(known)

    def _session(self, visit: Visit, number: Any) -> Session | Reply | None:
        """Give the session of a request, if there are any; else how the request is refused."""
        if not self._with_sessions:
            return self._requirements.of_version(visit.ask)
        id_ = visit.ask.headers.get(_SESSION)
        if id_ is None:
            missing = refusal(400, "Bad Request: Missing session ID")
            return _reply(self._known.missing_session, missing, number)
        found = self._world.sessions.of(id_, visit.number)
        if found is None:
            unknown = json_reply(404, failure(None, _NOT_FOUND, "Session not found").message)
            return _reply(self._known.unknown_session, unknown, number)
        return self._requirements.of_version(visit.ask) or found

    def _listening(self, visit: Visit, session: Session) -> Callable[[], Chunks] | Reply:
        """Give the stream that a client listens on.

        An id that nobody gave is ignored, as it may be (2025-11-25, Resumability, 2). Of two
        clients that listen in one session the second is refused; one that goes on is not, as it
        knows that it lost its connection.
        """
        last = visit.ask.headers.get(_LAST)
        known = self._world.profile.stream.get("mcp")
        if last is not None:
            if known is not None and known.resumed is False:
                return refusal(400, "Bad Request: Streams are not resumable")
            found = session.resumable(last)
            if found is not None:
                stream, number = found
                return partial(stream.after, number)
        if session.stream is None:
            session.stream = self._talking.stream("mcp", session)
        if session.stream.is_read:
            return refusal(409, "Conflict: Only one SSE stream is allowed per session")
        return session.stream.chunks


def _reply(known: Answer | None, otherwise: Reply, number: Any = None) -> Reply:
    return otherwise if known is None else reply_of(known, number)
