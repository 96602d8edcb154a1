"""A refusal has no challenge, which RFC 9110, 15.5.2 demands."""

from wiretape.replay.fault import MCP, Fault, Options, Strike, at
from wiretape.replay.http.messages import Reply

_CHALLENGE = "www-authenticate"


def _after(strike: Strike[Options], reply: Reply) -> Reply:
    del strike
    return reply.without(_CHALLENGE)


FAULT = Fault(
    about="refusals",
    title="a 401 comes without WWW-Authenticate",
    finds="clients that crash without a challenge, or do not look at the well-known places",
    options=Options,
    concerns=at(*MCP),
    only=lambda reply: reply.header(_CHALLENGE) is not None,
    after=_after,
)
