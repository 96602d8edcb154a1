"""What a service offers by name; `more` are members of its definition besides those told."""

from wiretape.analysis.profile.texts import JsonText
from wiretape.analysis.profile.values import Value


class Tool(Value):
    """A tool that is offered (MCP specification, server/tools)."""

    title: str | None = None
    description: str | None = None
    input: JsonText | None = None
    output: JsonText | None = None
    annotations: JsonText | None = None
    more: JsonText | None = None


class Prompt(Value):
    """A prompt that is offered (MCP specification, server/prompts)."""

    title: str | None = None
    description: str | None = None
    arguments: JsonText | None = None
    more: JsonText | None = None


class Resource(Value):
    """A resource, or a template of such (MCP specification, server/resources)."""

    name: str | None = None
    title: str | None = None
    description: str | None = None
    media_type: str | None = None
    annotations: JsonText | None = None
    more: JsonText | None = None
