"""The callback does not get the client's state back (RFC 6749, 4.1.2)."""

from wiretape.replay.fault import Fault, Options, Strike, at
from wiretape.replay.http.callbacks import granted, told
from wiretape.replay.http.messages import Reply


def _after(strike: Strike[Options], reply: Reply) -> Reply:
    del strike
    return told(reply, lambda given: {key: given[key] for key in given if key != "state"})


FAULT = Fault(
    about="authorization",
    title="the callback comes without state",
    finds="clients that do not check it, and take codes that others slip them",
    options=Options,
    concerns=at("authorization"),
    only=granted,
    after=_after,
)
