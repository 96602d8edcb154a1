"""Pages cannot read the session's id (WHATWG Fetch, 3.3.2)."""

from wiretape.replay.fault import MCP, Fault, Options, Strike
from wiretape.replay.http.messages import Reply

_EXPOSED, _SESSION = "access-control-expose-headers", "mcp-session-id"


def _names(reply: Reply) -> list[str]:
    return [name.strip() for name in (reply.header(_EXPOSED) or "").split(",")]


def _after(strike: Strike[Options], reply: Reply) -> Reply:
    del strike
    left = [name for name in _names(reply) if name.lower() not in {_SESSION, "*"}]
    return reply.setting(_EXPOSED, ", ".join(left)) if left else reply.without(_EXPOSED)


FAULT = Fault(
    about="transport",
    title="CORS does not expose mcp-session-id",
    finds="clients in a browser that go on without a session, and do not say why",
    options=Options,
    concerns=lambda strike: strike.role in MCP,
    only=lambda reply: not {_SESSION, "*"}.isdisjoint(map(str.lower, _names(reply))),
    after=_after,
)
