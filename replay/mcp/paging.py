"""Long lists in pages (MCP 2025-03-26, server/utilities/pagination)."""

from base64 import b64decode, b64encode
from typing import Any

from wiretape.analysis.profile.model import Profile
from wiretape.replay.mcp.denials import Outcome, error
from wiretape.replay.mcp.modern import INVALID_PARAMS

_MOST = 50
"""How many are in a page. No profile tells; a shorter list comes in two, so that it has pages."""

_DIGITS = 9


def paged(method: str, params: dict[str, Any], outcome: Outcome, profile: Profile) -> Outcome:
    """Give the page of a list that a cursor leads to, where lists come in pages."""
    lists = {
        "tools/list": ("tools", profile.tools.paged),
        "resources/list": ("resources", profile.resources.paged),
        "resources/templates/list": ("resourceTemplates", profile.resources.templates.paged),
        "prompts/list": ("prompts", profile.prompts.paged),
    }
    member, known = lists.get(method, ("", None))
    if not known or "result" not in outcome.said:
        return outcome
    result = outcome.said["result"]
    everything = result[member]
    start = _start(member, params["cursor"]) if params.get("cursor") is not None else 0
    if start is None or start > len(everything):
        return error(INVALID_PARAMS, "Invalid cursor")
    end = start + min(_MOST, max(1, (len(everything) + 1) // 2))
    page = {**result, member: everything[start:end]}
    if end < len(everything):
        page["nextCursor"] = b64encode(f"{member} {end}".encode()).decode()
    return outcome._replace(said={"result": page})


def _start(member: str, cursor: Any) -> int | None:
    """Read where a page begins; None if nobody gave out such a cursor."""
    try:
        name, _, number = b64decode(str(cursor), validate=True).decode("ascii").partition(" ")
    except ValueError:
        return None
    told = name == member and number.isdecimal() and len(number) <= _DIGITS
    return int(number) if told else None
