"""What results of MCP say about tools; what is not as the specification has it is left out."""

from collections.abc import Mapping


def tools(listed: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """Give the tools of a result of `tools/list` by their names."""
    named = ((tool.get("name"), tool) for tool in _objects(listed.get("tools")))
    return {name: tool for name, tool in named if isinstance(name, str)}


def texts(called: Mapping[str, object]) -> list[str]:
    """Give the texts of a result of `tools/call`."""
    parts = (part.get("text") for part in _objects(called.get("content")))
    return [text for text in parts if isinstance(text, str)]


def _objects(found: object) -> list[dict[str, object]]:
    items = found if isinstance(found, list) else []
    return [item for item in items if isinstance(item, dict)]
