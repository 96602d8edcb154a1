"""The endpoint cannot be posted to."""

from wiretape.replay.fault import Fault, Options, Strike
from wiretape.replay.http.messages import Reply


def _before(strike: Strike[Options]) -> Reply:
    del strike
    return Reply(405, (("allow", "GET"),))


FAULT = Fault(
    about="transport",
    title="a POST to the MCP endpoint is refused with 405",
    finds="clients that do not fall back to HTTP+SSE, or do so in the middle of a session",
    options=Options,
    concerns=lambda strike: strike.role in {"mcp", "sse"} and strike.ask.method == "POST",
    before=_before,
)
