"""A tool of the service that can be called with any text, so that a call is known again by it."""

from typing import Any, NamedTuple

from wiretape.replay.conformance.driving.client import Client, result
from wiretape.replay.conformance.stage import StuckError


class Tool(NamedTuple):
    """A tool, and those of its parameters that take any text."""

    name: str
    texts: tuple[str, ...]

    def arguments(self, text: str) -> dict[str, str]:
        """Give arguments that have this text in each parameter."""
        return dict.fromkeys(self.texts, text)


async def callable_tool(user: Client) -> Tool:
    """Find a tool that the target lists and that needs nothing but texts. Raises StuckError."""
    for tool in result(await user.call("tools/list")).get("tools", ()):
        found = _callable(tool)
        if found is not None:
            return found
    raise StuckError("the target lists no tool that can be called with texts only")


def _callable(tool: Any) -> Tool | None:
    schema = tool.get("inputSchema") or {}
    known = schema.get("properties") or {}
    free = tuple(
        name
        for name, each in known.items()
        if each.get("type") == "string" and not {"enum", "format", "pattern"} & each.keys()
    )
    return Tool(tool["name"], free) if free and {*schema.get("required", ())} <= {*free} else None
