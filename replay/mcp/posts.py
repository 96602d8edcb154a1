"""How a POST of streamable HTTP is answered: in the body, or on a stream of its own."""

from functools import partial
from typing import Any

from wiretape.replay.http.answers import reply_of
from wiretape.replay.http.messages import EVENTS, Reply, encoded
from wiretape.replay.http.streams import Pace, Stream, written
from wiretape.replay.mcp.rpc import Message, failure
from wiretape.replay.mcp.sessions import Session
from wiretape.replay.mcp.talking import Spoken, Talking
from wiretape.replay.visit import Visit

_JSON = (("content-type", "application/json"),)


class Posts:
    """The answers of one service.

    A message is answered on a stream if that is how its method is known to be answered, and so is
    whatever is not exactly one message.
    """

    def __init__(self, talking: Talking) -> None:
        self._talking = talking
        self._profile = talking.world.profile

    def answered(self, visit: Visit, message: Message) -> Reply:
        """Answer a message."""
        spoken = self._talking.spoken(visit, message)
        if spoken is None:
            return self._accepted()
        alone = spoken.at_once and len(spoken.lines) == 1
        if alone and (spoken.status != 200 or self._in_body(message)):
            return Reply(spoken.status, _JSON, spoken.lines[0])
        return self._streamed(visit.session, spoken, message.get("id"))

    def all_answered(self, visit: Visit, batch: list[Any]) -> Reply:
        """Answer a batch (MCP 2025-03-26, Sending Messages): in the body as a batch as well."""
        found = [self._of_batch(visit, message) for message in batch]
        answers = [spoken for spoken in found if spoken is not None]
        lines = tuple(line for spoken in answers for line in spoken.whole)
        if not answers:
            return self._accepted()
        if all(self._in_body(message) for message in batch if isinstance(message, dict)):
            return Reply(200, _JSON, b"[" + b",".join(lines) + b"]")
        return self._streamed(visit.session, Spoken(lines))

    def _of_batch(self, visit: Visit, message: Any) -> Spoken | None:
        if not isinstance(message, dict):
            return Spoken((encoded(failure(None).message),))
        if message.get("method") == "initialize":  # 2025-03-26, Lifecycle, Initialization
            return Spoken((encoded(failure(message.get("id")).message),))
        if visit.session is not None:
            self._talking.heard(visit, message, visit.session)
        return self._talking.spoken(visit, message)

    def _accepted(self) -> Reply:
        known = self._profile.transport.notification
        return Reply(202) if known is None else reply_of(known)

    def _in_body(self, message: Message) -> bool:
        known = self._profile.protocol.method.get(str(message.get("method")))
        ways = (known.ways if known is not None else ()) or self._profile.transport.ways or ()
        return "stream" not in ways or "body" in ways

    def _streamed(self, session: Session | None, spoken: Spoken, number: object = None) -> Reply:
        known = self._profile.stream.get("mcp-answers")
        told = session is not None and known is not None and (known.event_ids or known.retry)
        if spoken.at_once and not told:
            return Reply(200, EVENTS, b"".join(map(written, spoken.lines)))
        if session is None:
            stream = Stream(self._talking.world.clock, Pace())
        else:
            stream = session.keep(self._talking.stream("mcp-answers", session), number)
        _say(stream, spoken)
        return Reply(200, EVENTS, stream=stream.chunks)


def _say(stream: Stream, spoken: Spoken) -> None:
    """Say what is to be said now, and go on when the client has replied; then it is the end."""
    if stream.is_ended:  # the call was cancelled
        return
    for line, late in spoken.timed:
        stream.send(line, late=late)
    if spoken.asked is None:
        stream.finish()
    spoken.going_on(partial(_say, stream))
