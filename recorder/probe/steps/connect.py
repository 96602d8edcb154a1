"""Which transport the service speaks, found as clients find it."""

from wiretape.recorder.probe.known import Known
from wiretape.recorder.probe.mcp import CONNECT_REQUESTS, connect
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Note, Walk


def walk(known: Known) -> Walk[None]:
    """Open the session that the later steps use."""
    session = known.session = yield from connect(known)
    known.transport = session.transport
    identity = "a session id" if session.id else "no session id"
    yield Note(f"{session.transport}, revision {session.version}, {identity}")


STEP = Step(
    id="connect",
    title="Negotiation: POST initialize, else GET for HTTP+SSE, else without a session",
    position=80,
    walk=walk,
    most=CONNECT_REQUESTS,
    needs=("credentials",),
    gives=("session",),
)
