"""What both transports need: the profile, and what sessions and streams are made of."""

from dataclasses import dataclass, field

from wiretape.analysis.profile.mcp import Stream as Known
from wiretape.analysis.profile.model import Profile
from wiretape.replay.clock import Clock
from wiretape.replay.forge import Forge
from wiretape.replay.mcp.rpc import PARSE_ERROR, Message, Said, failure
from wiretape.replay.mcp.sessions import Sessions
from wiretape.replay.messages import Ask, decoded
from wiretape.replay.streams import Pace


@dataclass(frozen=True)
class Talking:
    """The MCP side of one service."""

    profile: Profile
    forge: Forge
    clock: Clock
    sessions: Sessions = field(default_factory=Sessions)

    def pace(self, subject: str) -> Pace:
        """Tell what streams of a role do besides their messages."""
        known = self.profile.stream.get(subject, Known())
        every = None if known.keepalive is None else float(known.keepalive.value)
        age = known.cut.seconds if known.cut is not None and known.cut.after == "age" else None
        return Pace(every or None, age)


def message_of(ask: Ask) -> Message | Said:
    """Read a message, or say what is wrong with it. Batches are not taken."""
    try:
        found = decoded(ask.body)
    except ValueError:
        return failure(None, PARSE_ERROR, "Parse error")
    return found if isinstance(found, dict) else failure(None)
