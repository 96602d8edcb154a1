"""A tool fails, and its result says so (MCP 2025-06-18, server/tools, Error Handling)."""

from pydantic import Field

from wiretape.replay.fault import MCP, Fault, Lines, Options, Strike
from wiretape.replay.http.lines import answered


class _Options(Options):
    text: str = Field("The tool failed", description="what it says")


def _said(strike: Strike[_Options], lines: Lines) -> Lines:
    content = [{"type": "text", "text": strike.options.text}]
    result = {"content": content, "isError": True}
    return answered(lines, lambda said: {"jsonrpc": "2.0", "id": said.get("id"), "result": result})


FAULT = Fault(
    about="answers",
    title="a tool's result says that it is an error: isError",
    finds="clients that take any result for a success, or make an error of the protocol of it",
    options=_Options,
    concerns=lambda strike: strike.role in MCP and strike.entry.operation == "tools/call",
    said=_said,
)
