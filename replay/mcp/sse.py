"""HTTP+SSE (MCP 2024-11-05): messages are posted, all answers come on one stream."""

from functools import partial
from typing import Any

from wiretape.analysis.profile.values import Answer
from wiretape.replay.http.answers import reply_of
from wiretape.replay.http.messages import EVENTS, Reply, encoded, text
from wiretape.replay.mcp.bodies import BATCH, Unread, What, body_of
from wiretape.replay.mcp.message_url import MessageUrl
from wiretape.replay.mcp.rpc import failure
from wiretape.replay.mcp.sessions import Session
from wiretape.replay.mcp.talking import Spoken, Talking, takes_batches
from wiretape.replay.visit import Visit


class LegacySse:
    """The transport of one service."""

    def __init__(self, talking: Talking) -> None:
        self._talking = talking
        self._world = talking.world
        self._known = talking.world.profile.transport
        self.url = MessageUrl(talking.world.profile)
        known = self._known.message
        self._answers: dict[What, Answer | None] = {
            "no_json": known.no_json,
            "no_message": known.no_message,
            "batch": known.batch,
        }

    def at_endpoint(self, visit: Visit) -> Reply:
        """Open a stream, whose first event tells where to post."""
        if visit.ask.method != "GET":
            return _reply(self._known.sse.post, Reply(405, (("allow", "GET"),)))
        world = self._world
        id_ = world.forge.session_id()
        session = world.sessions.begin(Session(id_, visit.number), visit.grant)
        stream = self._talking.stream("sse", session, lambda: world.sessions.end(id_))
        stream.send(world.origins.rewritten(self.url.of(id_)).encode(), b"endpoint")
        session.stream = stream
        visit.entry.session = session.number
        return Reply(200, EVENTS, stream=stream.chunks)

    def at_message(self, visit: Visit) -> Reply:
        """Take a message; the answer goes to the session's stream."""
        ask = visit.ask
        if ask.method != "POST":
            return Reply(405, (("allow", "POST"),))
        id_ = self.url.id(ask)
        if not id_:
            missing = text(400, "Missing sessionId parameter")
            return _reply(self._known.message.missing_session, missing)
        session = self._world.sessions.of(id_, visit.number)
        if session is None:
            unknown = text(404, "Session not found")
            return _reply(self._known.message.unknown_session, unknown)
        wrong = self._known.message.wrong_content_type
        if wrong is not None and ask.media_type in (wrong.content_type or ()):
            return reply_of(wrong)
        found = body_of(ask)
        if isinstance(found, list) and not takes_batches(session.revision):
            found = BATCH
        if isinstance(found, Unread):
            said = found.said
            return found.answer(self._answers, text(said.status, said.message["error"]["message"]))
        for message in found if isinstance(found, list) else [found]:
            self._answer(visit, message, session)
        return _reply(self._known.message.answer, text(202, "Accepted"))

    def _answer(self, visit: Visit, message: Any, session: Session) -> None:
        """Answer on the stream; each message of a batch by itself (2025-03-26, Batching)."""
        if not isinstance(message, dict):
            session.say(encoded(failure(None).message))
            return
        self._talking.heard(visit, message, session)
        spoken = self._talking.spoken(visit, message)
        if spoken is not None:
            _say(session, message.get("id"), spoken)


def _say(session: Session, number: Any, spoken: Spoken) -> None:
    """Say what belongs to the call of that id, and go on when the client has replied."""
    for line, late in spoken.timed:
        session.say(line, late, about=number)
    spoken.going_on(partial(_say, session, number))


def _reply(known: Answer | None, otherwise: Reply) -> Reply:
    return otherwise if known is None else reply_of(known)
