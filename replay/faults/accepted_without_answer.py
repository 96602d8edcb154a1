"""A call is accepted, and never answered."""

from wiretape.replay.fault import Fault, Lines, Options, Strike, calls
from wiretape.replay.http.messages import Reply


def _before(strike: Strike[Options]) -> Reply | None:
    return None if strike.role == "message" else Reply(202)


def _said(strike: Strike[Options], lines: Lines) -> Lines:
    del strike, lines
    return ()


FAULT = Fault(
    about="transport",
    title="a call gets 202, but no answer, neither there nor on a stream",
    finds="clients that wait without a timeout",
    options=Options,
    concerns=calls,
    before=_before,
    said=_said,
)
