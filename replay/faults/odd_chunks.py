"""A stream comes in pieces that end anywhere: within a line, a line end, a character."""

from pydantic import Field

from wiretape.replay.fault import MCP, Fault, Options, Strike, at
from wiretape.replay.http.messages import Chunks


class _Options(Options):
    most: int = Field(3, ge=1, description="bytes that a piece has at most")


async def _flow(strike: Strike[_Options], chunks: Chunks) -> Chunks:
    async for chunk in chunks:
        left = chunk
        while left:
            size = strike.dice.randint(1, strike.options.most)
            yield left[:size]
            left = left[size:]


FAULT = Fault(
    about="streams",
    title="a stream comes in pieces of a few bytes, cut anywhere",
    finds="clients that take what they read at once for an event, or decode it piece by piece",
    options=_Options,
    concerns=at(*MCP),
    flow=_flow,
)
