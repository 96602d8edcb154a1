"""An answer is no JSON."""

from wiretape.replay.fault import Fault, Lines, Options, Strike, calls
from wiretape.replay.http.lines import rewritten


def _said(strike: Strike[Options], lines: Lines) -> Lines:
    del strike
    return rewritten(lines, lambda line: line[: len(line) // 2])


FAULT = Fault(
    about="answers",
    title="half of an answer is missing, so that it is no JSON",
    finds="clients that end at it, or wait for the answer without end",
    options=Options,
    concerns=calls,
    said=_said,
)
