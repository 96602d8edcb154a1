"""JSON-RPC messages of clients, answered from a profile; no transport, no I/O."""

from typing import Any, NamedTuple

from wiretape.analysis.profile.model import Profile
from wiretape.replay.mcp import offers
from wiretape.replay.mcp.denials import Outcome, denied, error

type Message = dict[str, Any]

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND = -32700, -32600, -32601
_LATEST = "2025-11-25"
"""The newest revision that begins with `initialize`."""
_EMPTY: dict[str, Any] = {"completion/complete": {"completion": {"values": []}}}
"""Results of methods that are known to be answered; of all others `{}` is one."""


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
    if not isinstance(method, str):
        answers = "result" in message or "error" in message
        return None if answers else failure(number)
    if "id" not in message:
        refused = method in (profile.protocol.not_found or ())
        return _said(_not_found(method, profile), None) if refused else None
    if method == "initialize":
        return _said(Outcome({"result": _opening(chosen(message, profile), profile)}), number)
    params = message.get("params")
    return _said(_outcome(method, params if isinstance(params, dict) else {}, profile), number)


def failure(number: Any, code: int = INVALID_REQUEST, why: str = "Invalid Request") -> Said:
    """Give an error for what is no message; its status is 400."""
    return Said({"jsonrpc": "2.0", "id": number} | error(code, why).said, 400)


def chosen(opening: Message, profile: Profile) -> str:
    """Choose the revision for an `initialize`: as was seen, else the newest that is known."""
    params = opening.get("params")
    offered = params.get("protocolVersion") if isinstance(params, dict) else None
    known = profile.protocol.revisions or {}
    seen = {old: new if isinstance(new, str) else new[0] for old, new in known.items()}
    if str(offered) in seen:
        return seen[str(offered)]
    spoken = {*seen.values(), *(each for each in profile.protocol.opening if each <= _LATEST)}
    return max(spoken, default=_LATEST)


def _outcome(method: str, params: Message, profile: Profile) -> Outcome:
    if method in (profile.protocol.not_found or ()):
        return _not_found(method, profile)
    if method == "ping":
        return Outcome({"result": {}})
    found = offers.outcome(method, params, profile)
    if found is not None:
        return found
    known = profile.protocol.method.get(method)
    if known is not None and known.answered and method != "server/discover":
        return Outcome({"result": _EMPTY.get(method, {})})
    return _not_found(method, profile)


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
