"""A list is so long that it comes in pages (MCP 2025-06-18, server/utilities/pagination)."""

from typing import Any

from pydantic import Field

from wiretape.replay.fault import Fault, Lines, Options, Strike, calls
from wiretape.replay.http.lines import answered
from wiretape.replay.mcp.rpc import Message


class _Options(Options):
    size: int = Field(5, ge=1, description="how many are on a page")


def _said(strike: Strike[_Options], lines: Lines) -> Lines:
    params = strike.ask.json.get("params")
    cursor = params.get("cursor") if isinstance(params, dict) else None
    start = int(cursor) if isinstance(cursor, str) and cursor.isdecimal() else 0
    end = start + strike.options.size

    def page(said: Message) -> Message:
        result: dict[str, Any] = said.get("result", {})
        listed = next((key for key, each in result.items() if isinstance(each, list)), None)
        if listed is None:
            return said
        more = {"nextCursor": str(end)} if end < len(result[listed]) else {}
        return said | {"result": result | {listed: result[listed][start:end]} | more}

    return answered(lines, page)


FAULT = Fault(
    about="answers",
    title="lists come in pages: nextCursor leads on",
    finds="clients that read the first page only",
    options=_Options,
    concerns=lambda strike: calls(strike) and strike.entry.operation.endswith("/list"),
    said=_said,
)
