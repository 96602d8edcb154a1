"""An event stream breaks off between two events."""

from pydantic import Field

from wiretape.replay.fault import MCP, Fault, Options, Strike, at
from wiretape.replay.http.events import events, is_comment
from wiretape.replay.http.messages import Chunks, LostError


class _Options(Options):
    after: int = Field(1, ge=1, description="events that come before")


async def _flow(strike: Strike[_Options], chunks: Chunks) -> Chunks:
    left = strike.options.after
    async for event in events(chunks):
        yield event
        left -= not is_comment(event)
        if left == 0:
            raise LostError("closed")


FAULT = Fault(
    about="streams",
    title="a stream breaks off after an event: its connection is closed without an end",
    finds="clients that do not connect again, or then call on a session that is gone",
    options=_Options,
    concerns=at(*MCP),
    flow=_flow,
)
