"""What both transports need: what is said to a message, and what streams do besides."""

from typing import NamedTuple

from wiretape.analysis.profile.mcp import Stream as Known
from wiretape.replay.fault import Lines
from wiretape.replay.mcp.answering import answered
from wiretape.replay.mcp.rpc import PARSE_ERROR, Message, Said, failure
from wiretape.replay.messages import Ask
from wiretape.replay.streams import Pace
from wiretape.replay.visit import Visit
from wiretape.replay.world import World


class Spoken(NamedTuple):
    """What is said to a message.

    `status` is that of HTTP, where the answer is its body; `late` tells by how many seconds it
    comes later, where it is on the session's stream.
    """

    lines: Lines
    status: int = 200
    late: float = 0


class Talking:
    """The MCP side of one service."""

    def __init__(self, world: World) -> None:
        self.world = world

    def spoken(self, visit: Visit, message: Message) -> Spoken | None:
        """Answer a message; None where there is nothing to say."""
        said = answered(visit, message, self.world)
        if said is None:
            return None
        lines = visit.said(said.lines)
        return Spoken(lines, said.status, visit.late() if visit.role == "message" else 0)

    def pace(self, subject: str) -> Pace:
        """Tell what streams of a role do besides their messages."""
        known = self.world.profile.stream.get(subject, Known())
        every = None if known.keepalive is None else float(known.keepalive.value)
        age = known.cut.seconds if known.cut is not None and known.cut.after == "age" else None
        return Pace(every or None, age)


def message_of(ask: Ask) -> Message | Said:
    """Read a message, or say what is wrong with it. Batches are not taken."""
    try:
        found = ask.json
    except ValueError:
        return failure(None, PARSE_ERROR, "Parse error")
    return found if isinstance(found, dict) else failure(None)
