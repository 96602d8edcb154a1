"""An event stream is cut in the middle of an event."""

from pydantic import Field

from wiretape.replay.fault import MCP, Fault, Options, Strike, at
from wiretape.replay.http.events import events, is_comment
from wiretape.replay.http.messages import Chunks, LostError


class _Options(Options):
    after: int = Field(0, ge=0, description="whole events that come before")


async def _flow(strike: Strike[_Options], chunks: Chunks) -> Chunks:
    left = strike.options.after
    async for event in events(chunks):
        if left == 0 and not is_comment(event):
            yield event[: len(event) // 2]
            raise LostError("closed")
        yield event
        left -= not is_comment(event)


FAULT = Fault(
    about="streams",
    title="a stream is cut off in the middle of an event",
    finds="clients that take half an event for a whole one, or do not connect again",
    options=_Options,
    concerns=at(*MCP),
    flow=_flow,
)
