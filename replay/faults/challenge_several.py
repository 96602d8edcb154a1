"""A refusal offers several ways to authenticate (RFC 9110, 11.6.1)."""

from wiretape.replay.fault import MCP, Fault, Options, Strike, at
from wiretape.replay.http.messages import Reply

_CHALLENGE = "www-authenticate"
_OTHERS = 'Negotiate, Basic realm="a, b", charset="UTF-8"'


def _after(strike: Strike[Options], reply: Reply) -> Reply:
    del strike
    return reply.setting(_CHALLENGE, f"{_OTHERS}, {reply.header(_CHALLENGE)}")


FAULT = Fault(
    about="refusals",
    title="a challenge offers Negotiate and Basic before Bearer, in one header",
    finds="clients that read the first scheme only, or split at every comma",
    options=Options,
    concerns=at(*MCP),
    only=lambda reply: reply.header(_CHALLENGE) is not None,
    after=_after,
)
