"""What a service offers, listed and used. Nobody recorded the answers, so they say `assumed`."""

from typing import Any

from wiretape.analysis.profile.mcp import Usable
from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.offers import Prompt, Resource, Tool
from wiretape.analysis.profile.texts import JsonText, members
from wiretape.analysis.profile.values import Denial, Names
from wiretape.replay.mcp.denials import Outcome, denied, error
from wiretape.replay.mcp.examples import example
from wiretape.replay.mcp.modern import INVALID_PARAMS

_META = {"_meta": {"wiretape/standing": "assumed"}}


def outcome(method: str, params: dict[str, Any], profile: Profile) -> Outcome | None:
    """Answer a list or a use; None if the service has nothing of the kind."""
    kind = method.partition("/")[0]
    listed = {
        "tools": profile.tools.list,
        "resources": profile.resources.list,
        "resources/templates": profile.resources.templates.list,
        "prompts": profile.prompts.list,
    }
    names = listed.get(method.removesuffix("/list"))
    if method.endswith("/list") and names is not None:
        return _listed(method.removesuffix("/list"), names, profile)
    uses = {"tools/call": _called, "resources/read": _read, "prompts/get": _got}
    use = uses.get(method)
    return use(params, profile) if use is not None and listed[kind] is not None else None


def denied_by_name(method: str, params: dict[str, Any], profile: Profile) -> bool:
    """Tell whether something is asked for that is not offered, and known how that is answered."""
    offers: dict[str, Usable] = {
        "tools/call": profile.tools,
        "prompts/get": profile.prompts,
        "resources/read": profile.resources,
    }
    if method not in offers or offers[method].unknown is None:
        return False
    name = params.get("uri" if method == "resources/read" else "name")
    return str(name) not in (offers[method].list or ())


def is_assumed(outcome: dict[str, Any]) -> bool:
    """Tell whether a message is an answer that nobody recorded."""
    result = outcome.get("result")
    return isinstance(result, dict) and result.get("_meta") == _META["_meta"]


def _listed(kind: str, names: Names, profile: Profile) -> Outcome:
    resources = profile.resources
    found: list[dict[str, Any]]
    match kind:
        case "tools":
            found = [_tool(name, profile.tools.tool.get(name)) for name in names]
        case "resources":
            found = [_resource("uri", uri, resources.resource.get(uri)) for uri in names]
        case "prompts":
            found = [_prompt(name, profile.prompts.prompt.get(name)) for name in names]
        case _:
            known = resources.templates.template
            found = [_resource("uriTemplate", uri, known.get(uri)) for uri in names]
    member = "resourceTemplates" if kind == "resources/templates" else kind
    return Outcome({"result": {member: found}})


def _called(params: dict[str, Any], profile: Profile) -> Outcome:
    name, tools = str(params.get("name")), profile.tools
    if name not in (tools.list or ()):
        return _missing(name, tools.unknown, f"Unknown tool: {name}")
    tool = tools.tool.get(name, Tool())
    text = f"{name}: assumed by wiretape; no answer of this tool is known"
    result: dict[str, Any] = {"content": [{"type": "text", "text": text}], "isError": False}
    if tool.output is not None:
        result["structuredContent"] = example(tool.output.value)
    return Outcome({"result": result | _META})


def _read(params: dict[str, Any], profile: Profile) -> Outcome:
    uri, resources = str(params.get("uri")), profile.resources
    if uri not in (resources.list or ()):
        return _missing(uri, resources.unknown, f"Unknown resource: {uri}")
    media_type = resources.resource.get(uri, Resource()).media_type or "text/plain"
    content = {"uri": uri, "mimeType": media_type, "text": "assumed by wiretape"}
    return Outcome({"result": {"contents": [content]} | _META})


def _got(params: dict[str, Any], profile: Profile) -> Outcome:
    name, prompts = str(params.get("name")), profile.prompts
    if name not in (prompts.list or ()):
        return _missing(name, prompts.unknown, f"Unknown prompt: {name}")
    said = {"role": "user", "content": {"type": "text", "text": "assumed by wiretape"}}
    return Outcome({"result": {"messages": [said]} | _META})


def _missing(name: str, known: Denial | None, otherwise: str) -> Outcome:
    return error(INVALID_PARAMS, otherwise) if known is None else denied(known, name)


def _tool(name: str, known: Tool | None) -> dict[str, Any]:
    tool = known or Tool()
    schema = {"type": "object"} if tool.input is None else tool.input.value
    return _definition(
        {"name": name, "title": tool.title, "description": tool.description},
        {"inputSchema": schema, "outputSchema": tool.output, "annotations": tool.annotations},
        tool.more,
    )


def _resource(key: str, uri: str, known: Resource | None) -> dict[str, Any]:
    resource = known or Resource()
    return _definition(
        {key: uri, "name": resource.name or uri, "title": resource.title},
        {
            "description": resource.description,
            "mimeType": resource.media_type,
            "annotations": resource.annotations,
        },
        resource.more,
    )


def _prompt(name: str, known: Prompt | None) -> dict[str, Any]:
    prompt = known or Prompt()
    return _definition(
        {"name": name, "title": prompt.title, "description": prompt.description},
        {"arguments": prompt.arguments},
        prompt.more,
    )


def _definition(
    named: dict[str, Any], described: dict[str, Any], more: JsonText | None
) -> dict[str, Any]:
    """Put a definition together, without what is not known."""
    parts = {**named, **described, **members(more)}
    return {
        key: value.value if isinstance(value, JsonText) else value
        for key, value in parts.items()
        if value is not None
    }
