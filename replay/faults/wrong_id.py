"""A JSON-RPC answer has another id than the call."""

from wiretape.replay.fault import Fault, Lines, Options, Strike, calls
from wiretape.replay.http.lines import answered


def _said(strike: Strike[Options], lines: Lines) -> Lines:
    del strike
    return answered(lines, lambda said: said | {"id": "wrong"})


FAULT = Fault(
    about="answers",
    title="a call is answered with an id that nobody used",
    finds="clients that take any answer for theirs, or wait for theirs without end",
    options=Options,
    concerns=calls,
    said=_said,
)
