"""Progress is told while a call is answered (MCP 2025-06-18, basic/utilities/progress)."""

from typing import Any

from pydantic import Field

from wiretape.replay.fault import Fault, Lines, Options, Strike, calls
from wiretape.replay.http.messages import encoded
from wiretape.replay.recorded.interaction import members


class _Options(Options):
    steps: int = Field(3, ge=1, le=1000, description="how often it is told")


def _token(strike: Strike[_Options]) -> Any:
    """Give the token under which whoever calls wants to know of progress, if they do."""
    params = members(members(strike.ask.json).get("params"))
    return members(params.get("_meta")).get("progressToken")


def _said(strike: Strike[_Options], lines: Lines) -> Lines:
    steps = strike.options.steps
    told = {"progressToken": _token(strike), "total": steps}
    notice = {"jsonrpc": "2.0", "method": "notifications/progress"}
    each = (told | {"progress": step, "message": f"Step {step}"} for step in range(1, steps + 1))
    return (*(encoded(notice | {"params": params}) for params in each), *lines)


FAULT = Fault(
    about="answers",
    title="progress is told before the answer to a call that asks for it",
    finds="clients that take the first message for the answer, or do not know whose progress it is",
    options=_Options,
    concerns=lambda strike: calls(strike) and _token(strike) is not None,
    said=_said,
)
