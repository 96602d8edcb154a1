"""The server has forgotten a session."""

from wiretape.replay.fault import MCP, Fault, Options, Strike, at
from wiretape.replay.mcp.message_url import MessageUrl

_SESSION = "mcp-session-id"


def _named(strike: Strike[Options]) -> str:
    if strike.role == "message":
        return MessageUrl(strike.world.profile).id(strike.ask) or ""
    return strike.ask.headers.get(_SESSION, "")


def _before(strike: Strike[Options]) -> None:
    strike.world.sessions.end(_named(strike))


FAULT = Fault(
    about="transport",
    title="the session that a request names is gone: 404, and its stream ends",
    finds="clients that do not begin a new session",
    options=Options,
    concerns=lambda strike: at(*MCP)(strike) and _named(strike) in strike.world.sessions.open,
    before=_before,
)
