"""The connection is reset when a request was read."""

from wiretape.replay.fault import Fault, Options, Strike
from wiretape.replay.http.messages import Reply


def _before(strike: Strike[Options]) -> Reply:
    del strike
    return Reply(502, lost="reset")


FAULT = Fault(
    about="transport",
    title="the connection is reset instead of an answer",
    finds="clients that hang, or repeat what must not be repeated",
    options=Options,
    before=_before,
)
