"""JSON-RPC messages of clients, answered from a profile; no transport, no I/O."""

from typing import Any, NamedTuple

from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.values import Denial
from wiretape.replay.mcp import offers
from wiretape.replay.mcp.denials import Outcome, denied, error
from wiretape.replay.mcp.modern import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    REFUSED,
    completed,
    discovered,
    is_gone,
    is_modern,
    speaks,
    status,
)
from wiretape.replay.mcp.paging import paged

type Message = dict[str, Any]

_OK = 200
_LATEST = "2025-11-25"
"""The newest revision that begins with `initialize`."""

_NEEDS = {
    "completion/complete": ("completions",),
    "logging/setLevel": ("logging",),
    "resources/subscribe": ("resources", "subscribe"),
    "resources/unsubscribe": ("resources", "subscribe"),
}
"""The capability by which a server says that it has a method."""

_RESULTS: dict[str, Message] = {"completion/complete": {"completion": {"values": []}}}
"""Results that say as little as they can; others are empty."""


class Said(NamedTuple):
    """An answer, and the status that it has where it is the body of an HTTP answer."""

    message: Message
    status: int = 200


def answer(message: Message, profile: Profile) -> Said | None:
    """Answer a message; None where there is nothing to say.

    A notification is answered only if the profile knows it as a method that is not found, which
    JSON-RPC 2.0, 4.1 forbids and services do.
    """
    method, number = message.get("method"), message.get("id")
    if message.get("jsonrpc") != "2.0":  # JSON-RPC 2.0, 4 and 5
        return failure(None)
    if not isinstance(method, str):
        answers = "result" in message or "error" in message
        return None if answers else failure(None)
    if "id" not in message:
        refused = method in (profile.protocol.not_found or ())
        return _said(_not_found(method, profile), None) if refused else None
    if not is_id(number):
        return failure(None)
    return _answered(method, number, message, profile)


def _answered(method: str, number: Any, message: Message, profile: Profile) -> Said:
    params = message.get("params")
    given = params if isinstance(params, dict) else {}
    if is_modern(message) and speaks(profile):
        return _modern(method, given, number, profile)
    if method == "initialize":
        return _said(Outcome({"result": _opening(chosen(message, profile), profile)}), number)
    return _said(_outcome(method, given, profile), number)


def is_id(number: Any) -> bool:
    """Tell whether something can be the id of a call: a text or a number (MCP, basic, Requests)."""
    return isinstance(number, str | int | float) and not isinstance(number, bool)


def can(profile: Profile, *names: str) -> bool:
    """Tell whether the server says that it can do something (MCP, Capability Negotiation)."""
    known = profile.protocol
    document = next((found for _, found in sorted(known.opening.items(), reverse=True)), None)
    told: Any = document.value if document is not None else None
    can: Any = told.get("capabilities") if isinstance(told, dict) else None
    if can is None and known.capabilities is not None:
        can = known.capabilities.value
    for name in names:
        can = can.get(name) if isinstance(can, dict) else None
    return can is not None and can is not False


def failure(number: Any, code: int = INVALID_REQUEST, why: str = "Invalid Request") -> Said:
    """Give an error for what is no message; its status is 400."""
    return Said({"jsonrpc": "2.0", "id": number} | error(code, why).said, 400)


def chosen(opening: Message, profile: Profile) -> str:
    """Choose the revision for an `initialize`: as was seen, else the newest that is known."""
    params = opening.get("params")
    offered = params.get("protocolVersion") if isinstance(params, dict) else None
    known = profile.protocol.revisions or {}
    seen = {old: new if isinstance(new, str) else new[0] for old, new in known.items()}
    seen = {old: new for old, new in seen.items() if new != REFUSED}
    if str(offered) in seen:
        return seen[str(offered)]
    spoken = {*seen.values(), *(each for each in profile.protocol.opening if each <= _LATEST)}
    return max(spoken, default=_LATEST)


def refused(message: Message, known: Denial | None) -> Said:
    """Refuse a tool's use, as is known, else as one that does not name a site of its user."""
    params = message.get("params")
    name = str(params.get("name")) if isinstance(params, dict) else ""
    outcome = error(INVALID_PARAMS, "No such site") if known is None else denied(known, name)
    return _said(outcome, message.get("id"))


def _modern(method: str, params: Message, number: Any, profile: Profile) -> Said:
    """Answer as MCP 2026-07-28 has it."""
    gone = is_gone(method)
    outcome = _not_found(method, profile) if gone else _outcome(method, params, profile)
    if "result" in outcome.said:
        result = completed(method, outcome.said["result"])
        return _said(outcome._replace(said={"result": result}), number)
    code = outcome.said["error"].get("code")
    given = outcome.status if outcome.status != _OK else status(code)
    return _said(outcome._replace(status=given), number)


def _outcome(method: str, params: Message, profile: Profile) -> Outcome:
    known = profile.protocol
    if method in (known.not_found or ()) and not (is_gone(method) and speaks(profile)):
        return _not_found(method, profile)
    if method == "server/discover":
        return _discovered(profile)
    if method == "ping":
        return Outcome({"result": {}})
    found = offers.outcome(method, params, profile)
    if found is not None:
        return paged(method, params, found, profile)
    seen = known.method.get(method)
    if (seen is not None and seen.answered) or can(profile, *_NEEDS.get(method, ("?",))):
        return Outcome({"result": _RESULTS.get(method, {})})
    return _not_found(method, profile)


def _discovered(profile: Profile) -> Outcome:
    if not speaks(profile):
        return _not_found("server/discover", profile)
    return Outcome({"result": discovered(profile)})


def _opening(revision: str, profile: Profile) -> Message:
    known = profile.protocol
    if revision in known.opening:
        told: Any = known.opening[revision].value
        return {**told, "protocolVersion": revision}
    info: Any = known.server_info.value if known.server_info is not None else None
    can: Any = known.capabilities.value if known.capabilities is not None else None
    return {
        "protocolVersion": revision,
        "capabilities": {"tools": {}} if can is None else can,
        "serverInfo": info or {"name": profile.name, "version": "0"},
    }


def _not_found(method: str, profile: Profile) -> Outcome:
    if profile.protocol.unknown_method is not None:
        return denied(profile.protocol.unknown_method, method)
    return error(METHOD_NOT_FOUND, "Method not found")


def _said(outcome: Outcome, number: Any) -> Said:
    return Said({"jsonrpc": "2.0", "id": number} | outcome.said, outcome.status)
