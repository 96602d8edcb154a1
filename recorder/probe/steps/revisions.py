"""Which revisions of the protocol the service speaks, and what it says to others."""

from wiretape.recorder.log.raw import fields, text
from wiretape.recorder.probe.known import Known, Session
from wiretape.recorder.probe.mcp import (
    HANDSHAKES,
    SESSIONLESS,
    UNKNOWN,
    call,
    initialize,
    leave,
    open_stream,
)
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Note, StepError, Walk

_OFFERED = (*HANDSHAKES, SESSIONLESS, UNKNOWN)


def walk(known: Known) -> Walk[None]:
    """Begin a session with each revision, and discover as 2026-07-28 does."""
    for version in _OFFERED:
        session: Session | None = Session("streamable", known.target.url)
        if known.transport == "sse":
            session = yield from open_stream(known, f"GET an event stream for {version}")
        if session is None:
            raise StepError("the event stream could not be opened again")
        heard = yield from initialize(known, session, version, f"initialize with {version}")
        chosen = text(fields(heard.result).get("protocolVersion")) if heard.result else None
        yield Note(f"{version}: {chosen or heard}")
        yield from leave(known, session, f"DELETE the session of {version}")
    session = Session("sessionless", known.target.url, version=SESSIONLESS)
    heard = yield from call(known, session, "server/discover", "server/discover")
    yield Note(f"server/discover: {heard}")


STEP = Step(
    id="revisions",
    title="initialize with each revision, an unknown one included, and server/discover",
    position=90,
    walk=walk,
    most=2 * len(_OFFERED) + 1,
    needs=("session",),
)
