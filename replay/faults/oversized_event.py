"""An answer is long: white space makes it so, which JSON allows anywhere."""

from pydantic import Field

from wiretape.replay.fault import Fault, Lines, Options, Strike, calls
from wiretape.replay.http.lines import rewritten


class _Options(Options):
    size: int = Field(1_048_576, ge=1, le=1 << 28, description="bytes that it has at least")


def _said(strike: Strike[_Options], lines: Lines) -> Lines:
    size = strike.options.size
    return rewritten(lines, lambda line: line[:-1] + b" " * (size - len(line)) + line[-1:])


FAULT = Fault(
    about="answers",
    title="an answer is very long, in one event and one line",
    finds="clients with a limit on lines, events or bodies, and what they do at it",
    options=_Options,
    concerns=calls,
    said=_said,
)
