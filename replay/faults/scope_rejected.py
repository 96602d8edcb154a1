"""A scope that is asked for is refused, whichever it is (RFC 6749, 4.1.2.1)."""

from wiretape.replay.fault import Fault, Options, Strike
from wiretape.replay.http.callbacks import granted, refused
from wiretape.replay.http.messages import Reply


def _after(strike: Strike[Options], reply: Reply) -> Reply:
    del strike
    return refused(reply, "invalid_scope", "No scope can be asked for")


FAULT = Fault(
    about="authorization",
    title="authorization with an explicit scope is refused: the callback gets invalid_scope",
    finds="clients that cannot do without naming a scope",
    options=Options,
    concerns=lambda strike: strike.role == "authorization" and "scope" in strike.ask.parameters,
    only=granted,
    after=_after,
)
