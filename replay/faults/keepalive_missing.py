"""An event stream says nothing while there is nothing to say."""

from wiretape.replay.fault import MCP, Fault, Options, Strike, at
from wiretape.replay.http.events import events, is_comment
from wiretape.replay.http.messages import Chunks


async def _flow(strike: Strike[Options], chunks: Chunks) -> Chunks:
    del strike
    async for event in events(chunks):
        if not is_comment(event):
            yield event


FAULT = Fault(
    about="streams",
    title="a stream has no keep-alives",
    finds="clients, and what is between, that take silence for the end",
    options=Options,
    concerns=at(*MCP),
    flow=_flow,
)
