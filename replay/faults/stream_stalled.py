"""An event stream stays open, but nothing comes any more."""

import asyncio

from pydantic import Field

from wiretape.replay.fault import MCP, Fault, Options, Strike, at
from wiretape.replay.http.events import events, is_comment
from wiretape.replay.http.messages import Chunks


class _Options(Options):
    after: int = Field(0, ge=0, description="events that still come")


async def _flow(strike: Strike[_Options], chunks: Chunks) -> Chunks:
    left = strike.options.after
    async for event in events(chunks):
        if left == 0:
            await asyncio.Event().wait()  # until the client has had enough
        yield event
        left -= not is_comment(event)


FAULT = Fault(
    about="streams",
    title="a stream stays open, but nothing comes any more, not even keep-alives",
    finds="clients that wait without a timeout",
    options=_Options,
    concerns=at(*MCP),
    flow=_flow,
)
