"""A proxy ends connections on which nothing passes for a while."""

from pydantic import Field

from wiretape.replay.fault import MCP, Fault, Options, Strike, at
from wiretape.replay.http.events import with_silences
from wiretape.replay.http.messages import Chunks, LostError


class _Options(Options):
    seconds: float = Field(60, gt=0, description="how long nothing may pass")


async def _flow(strike: Strike[_Options], chunks: Chunks) -> Chunks:
    async for chunk in with_silences(chunks, strike.world.clock, strike.options.seconds):
        if chunk is None:
            raise LostError("closed")
        yield chunk


FAULT = Fault(
    about="streams",
    title="a stream is cut off when nothing, not even a keep-alive, passed for a while",
    finds="clients that notice it only when they call, or never",
    options=_Options,
    concerns=at(*MCP),
    flow=_flow,
)
