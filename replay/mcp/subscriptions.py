"""What clients of MCP 2026-07-28 want to be told of (utilities/subscriptions)."""

from collections.abc import Callable
from typing import Any

from wiretape.analysis.profile.model import Profile
from wiretape.replay.mcp.rpc import can

LISTEN = "subscriptions/listen"
ACKNOWLEDGED = "notifications/subscriptions/acknowledged"
SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"

_CHANGES = {
    "toolsListChanged": ("tools", "notifications/tools/list_changed"),
    "promptsListChanged": ("prompts", "notifications/prompts/list_changed"),
    "resourcesListChanged": ("resources", "notifications/resources/list_changed"),
}
_RESOURCES, _UPDATED = "resourceSubscriptions", "notifications/resources/updated"

type Wants = Callable[[str, dict[str, Any]], bool]


def offered(profile: Profile) -> bool:
    """Tell whether the server says that it tells of anything."""
    kinds = (kind for kind, _ in _CHANGES.values())
    return can(profile, "resources", "subscribe") or any(
        can(profile, kind, "listChanged") for kind in kinds
    )


def honoured(asked: Any, profile: Profile) -> dict[str, Any]:
    """Give what of a client's wishes the server says it can fulfil."""
    wishes: dict[str, Any] = asked if isinstance(asked, dict) else {}
    found: dict[str, Any] = {
        name: True
        for name, (kind, _) in _CHANGES.items()
        if wishes.get(name) is True and can(profile, kind, "listChanged")
    }
    uris = wishes.get(_RESOURCES)
    if isinstance(uris, list) and can(profile, "resources", "subscribe"):
        found[_RESOURCES] = [uri for uri in uris if isinstance(uri, str)]
    return found


def wants(agreed: dict[str, Any]) -> Wants:
    """Give what tells whether a notification is among what was agreed on."""
    methods = {ACKNOWLEDGED} | {told for name, (_, told) in _CHANGES.items() if name in agreed}
    uris = frozenset(agreed.get(_RESOURCES, ()))

    def wanted(method: str, params: dict[str, Any]) -> bool:
        return method in methods or (method == _UPDATED and params.get("uri") in uris)

    return wanted
