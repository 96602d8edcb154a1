"""No page of another origin may read anything (WHATWG Fetch, 3.3)."""

from wiretape.replay.fault import Fault, Options, Strike
from wiretape.replay.http.messages import Reply

_PREFIX = "access-control-"


def _told(reply: Reply) -> set[str]:
    return {name for name, _ in reply.headers if name.startswith(_PREFIX)}


def _after(strike: Strike[Options], reply: Reply) -> Reply:
    del strike
    return reply.without(*_told(reply))


FAULT = Fault(
    about="transport",
    title="answers, also to preflights, have no CORS headers",
    finds="clients in a browser that take this for a server that is down",
    options=Options,
    only=lambda reply: bool(_told(reply)),
    after=_after,
)
