"""Tools, arguments and results."""

from typing import Any

from mcp.types import CallToolResult, TextContent

from gateway import mcp_calls
from gateway.mcp_calls import Calls
from mutants.mistake import mistake, replace


def _calling(alter: Any) -> None:
    """Alter the arguments of calls."""
    call = Calls.call

    async def careless(self: Calls, account: Any, tool: str, arguments: Any) -> CallToolResult:
        return await call(self, account, tool, alter(arguments))

    replace(Calls, "call", careless)


def _answering(alter: Any) -> None:
    """Alter the results of calls."""
    call = Calls.call

    async def careless(self: Calls, *about: Any) -> CallToolResult:
        found: CallToolResult = alter(await call(self, *about))
        return found

    replace(Calls, "call", careless)


@mistake(fails="tools.list", also=("tools.pages",))
def a_tool_is_left_out() -> None:
    """The last tool of a list is missing."""
    tools = Calls.tools

    async def careless(self: Calls, account: Any) -> Any:
        return (await tools(self, account))[:-1]

    replace(Calls, "tools", careless)


@mistake(fails="tools.pages")
def the_first_page_is_enough() -> None:
    """Of a list in pages the first is taken for all."""
    replace(mcp_calls, "_PAGES", 1)


@mistake(fails="tools.arguments")
def texts_are_made_ascii() -> None:
    """What is no ASCII is taken away from texts."""

    def plain(value: Any) -> Any:
        return value.encode("ascii", "ignore").decode() if isinstance(value, str) else value

    _calling(lambda given: {name: plain(value) for name, value in given.items()})


@mistake(fails="tools.result", also=("tools.error", "users.answers"))
def results_are_kept_back() -> None:
    """A call is answered that it was done, and not with its result."""
    done = [TextContent(type="text", text="done")]
    _answering(lambda found: CallToolResult(content=done, is_error=found.is_error))


@mistake(fails="tools.error")
def failures_are_taken_for_successes() -> None:
    """That a tool's result is an error is not passed on."""
    _answering(lambda found: found.model_copy(update={"is_error": False}))


@mistake(fails="tools.unknown")
def unknown_tools_are_the_services_fault() -> None:
    """Whatever error the service answers, it is told as its failure."""
    replace(mcp_calls, "_CALLERS_FAULT", set[int]())
