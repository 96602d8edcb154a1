"""All events of a stream have the same id (WHATWG HTML, 9.2.6; MCP: unique in a session)."""

from pydantic import Field

from wiretape.replay.fault import MCP, Fault, Options, Strike, at
from wiretape.replay.http.events import events, is_comment
from wiretape.replay.http.messages import Chunks


class _Options(Options):
    id: str = Field("1", pattern=r"^[^\r\n\x00]*$", description="the id")


async def _flow(strike: Strike[_Options], chunks: Chunks) -> Chunks:
    same = f"id: {strike.options.id}\n".encode()
    async for event in events(chunks):
        if is_comment(event):
            yield event
        else:
            lines = event.splitlines(keepends=True)
            yield same + b"".join(line for line in lines if not line.startswith(b"id:"))


FAULT = Fault(
    about="streams",
    title="all events have the same id",
    finds="clients that drop events as known, or resume in the wrong place",
    options=_Options,
    concerns=at(*MCP),
    flow=_flow,
)
