"""A call is answered with an error (JSON-RPC 2.0, 5.1)."""

from pydantic import Field

from wiretape.replay.fault import Fault, Lines, Options, Strike, calls
from wiretape.replay.http.lines import answered


class _Options(Options):
    code: int = Field(-32603, description="its code")
    message: str = Field("Internal error", description="its message")


def _said(strike: Strike[_Options], lines: Lines) -> Lines:
    error = {"code": strike.options.code, "message": strike.options.message}
    return answered(lines, lambda said: {"jsonrpc": "2.0", "id": said.get("id"), "error": error})


FAULT = Fault(
    about="answers",
    title="a call is answered with a JSON-RPC error instead of its result",
    finds="clients that expect every result to be there",
    options=_Options,
    concerns=calls,
    said=_said,
)
