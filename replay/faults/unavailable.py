"""The service, or what is in front of it, answers with an error's status instead."""

from pydantic import Field

from wiretape.replay.fault import MCP, Fault, Options, Strike, at
from wiretape.replay.http.messages import Reply, text


class _Options(Options):
    status: int = Field(503, ge=400, le=599, description="its status")
    retry_after: int | None = Field(None, ge=0, description="seconds that Retry-After tells")


def _before(strike: Strike[_Options]) -> Reply:
    chosen = strike.options
    reply = text(chosen.status, "The service cannot answer now")
    later = chosen.retry_after
    return reply if later is None else reply.having(("retry-after", str(later)))


FAULT = Fault(
    about="transport",
    title="the MCP endpoint answers 503, or another status, such as 429 with Retry-After",
    finds="clients that hang, take it for the session's end, or try again at once",
    options=_Options,
    concerns=at(*MCP),
    before=_before,
)
