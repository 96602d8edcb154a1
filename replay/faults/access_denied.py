"""The user does not consent (RFC 6749, 4.1.2.1)."""

from wiretape.replay.fault import Fault, Options, Strike, at
from wiretape.replay.http.callbacks import granted, refused
from wiretape.replay.http.messages import Reply


def _after(strike: Strike[Options], reply: Reply) -> Reply:
    del strike
    return refused(reply, "access_denied", "The user denied it")


FAULT = Fault(
    about="authorization",
    title="authorization is denied: the callback gets access_denied",
    finds="clients that wait on, or do not tell their user",
    options=Options,
    concerns=at("authorization"),
    only=granted,
    after=_after,
)
