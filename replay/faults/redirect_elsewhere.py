"""A service that has moved, or pretends to: it redirects to another origin."""

from pydantic import Field

from wiretape.replay.fault import Fault, Options, Strike, at
from wiretape.replay.http.messages import Reply


class _Options(Options):
    to: str = Field("https://elsewhere.invalid/mcp", description="where it redirects to")
    status: int = Field(307, ge=301, le=308, description="its status")


def _before(strike: Strike[_Options]) -> Reply:
    return Reply(strike.options.status, (("location", strike.options.to),))


FAULT = Fault(
    about="transport",
    title="a POST to the MCP endpoint is redirected to another origin, with 307 or another status",
    finds="clients that take their token wherever they are sent",
    options=_Options,
    concerns=at("mcp", method="POST"),
    before=_before,
)
