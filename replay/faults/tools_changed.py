"""The list of tools changes between calls."""

from functools import partial
from typing import Any

from pydantic import Field

from wiretape.analysis.profile.model import Profile
from wiretape.replay.fault import Fault, Lines, Options, Strike
from wiretape.replay.http.lines import answered
from wiretape.replay.mcp.offers import outcome
from wiretape.replay.mcp.rpc import Message

_LIST, _CALL = "tools/list", "tools/call"


class _Options(Options):
    tool: str | None = Field(None, description="the tool that is gone; the last if none is named")


def _gone(strike: Strike[_Options]) -> str | None:
    names = strike.world.profile.tools.list or (None,)
    return strike.options.tool or names[-1]


def _concerns(strike: Strike[_Options]) -> bool:
    asked = strike.entry.operation
    return asked == _LIST or (asked == _CALL and _params(strike).get("name") == _gone(strike))


def _said(strike: Strike[_Options], lines: Lines) -> Lines:
    change = _failing if strike.entry.operation == _CALL else _shorter
    return answered(lines, partial(change, strike))


def _failing(strike: Strike[_Options], said: Message) -> Message:
    """Answer as the service does where a tool is unknown."""
    profile = _without(_gone(strike), strike.world.profile)
    found = outcome(_CALL, _params(strike), profile)
    return said if found is None else {"jsonrpc": "2.0", "id": said.get("id")} | found.said


def _shorter(strike: Strike[_Options], said: Message) -> Message:
    """Leave the tool out of a list."""
    result = said.get("result", {})
    gone, tools = _gone(strike), result.get("tools")
    if tools is None:
        return said
    return said | {"result": result | {"tools": [each for each in tools if each["name"] != gone]}}


def _params(strike: Strike[_Options]) -> dict[str, Any]:
    found = strike.ask.json.get("params")
    return found if isinstance(found, dict) else {}


def _without(gone: str | None, profile: Profile) -> Profile:
    left = tuple(name for name in profile.tools.list or () if name != gone)
    tools = profile.tools.model_copy(update={"list": left})
    return profile.model_copy(update={"tools": tools})


FAULT = Fault(
    about="answers",
    title="a tool is gone from the list, and calls of it fail; skip=1 leaves the first list whole",
    finds="clients that list tools once, and rely on it",
    options=_Options,
    concerns=_concerns,
    said=_said,
)
