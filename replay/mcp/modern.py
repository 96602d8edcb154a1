"""What MCP 2026-07-28 has different in messages: no handshake, results that say what they are.

Statuses are those of that revision's basic/transports/streamable-http, for codes it says nothing of
those of the official Python SDK 2.3.
"""

from typing import Any

from wiretape.analysis.profile.model import Profile

SINCE = "2026-07-28"

HANDSHAKES = frozenset({"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"})
"""The revisions that begin with `initialize`."""

REFUSED = "refused"
"""What a profile has for the revision chosen, where the client's was refused."""

PARSE_ERROR, INVALID_REQUEST = -32700, -32600
METHOD_NOT_FOUND, INVALID_PARAMS = -32601, -32602
HEADER_MISMATCH, MISSING_CAPABILITY, UNSUPPORTED_VERSION = -32020, -32021, -32022

PROTOCOL_VERSION = "io.modelcontextprotocol/protocolVersion"
CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"
_SERVER_INFO = "io.modelcontextprotocol/serverInfo"

_GONE = frozenset(
    {
        "initialize",
        "logging/setLevel",
        "notifications/initialized",
        "ping",
        "resources/subscribe",
        "resources/unsubscribe",
    }
)
"""Methods of older revisions (2026-07-28, changelog)."""

_REFUSED = frozenset(
    {
        PARSE_ERROR,
        INVALID_REQUEST,
        INVALID_PARAMS,
        HEADER_MISMATCH,
        MISSING_CAPABILITY,
        UNSUPPORTED_VERSION,
    }
)


def is_modern(message: dict[str, Any]) -> bool:
    """Tell whether a message says itself what a session would know."""
    version = meta(message).get(PROTOCOL_VERSION)
    return isinstance(version, str) and version not in HANDSHAKES


def meta(message: dict[str, Any]) -> dict[str, Any]:
    """Give what a message says of itself; nothing if that is no object."""
    params = message.get("params")
    found = params.get("_meta") if isinstance(params, dict) else None
    return found if isinstance(found, dict) else {}


def is_gone(method: str) -> bool:
    """Tell whether there is no such method any more."""
    return method in _GONE


def status(code: object) -> int:
    """Give the status of HTTP that an error comes with."""
    if code == METHOD_NOT_FOUND:
        return 404
    return 400 if code in _REFUSED else 200


def completed(method: str, result: Any) -> Any:
    """Give a result with what all have, and what tells how long it may be kept: not at all."""
    if not isinstance(result, dict):
        return result
    lists = method.endswith("/list") or method in {"server/discover", "resources/read"}
    kept = {"ttlMs": 0, "cacheScope": "private"} if lists else {}
    return {"resultType": "complete", **kept, **result}


def speaks(profile: Profile) -> bool:
    """Tell whether a service speaks this revision.

    That it has chosen it for an `initialize` does not mean that: some repeat what they are offered.
    """
    kinds = profile.transport.kinds or ()
    told = any(each >= SINCE for each in profile.protocol.supported or ())
    return told or "sessionless" in kinds or _seen(profile) is not None


def spoken(profile: Profile) -> list[str]:
    """Give the revisions of this form that a service which speaks it is known to speak."""
    return sorted({SINCE, *(each for each in profile.protocol.supported or () if each >= SINCE)})


def only(profile: Profile) -> bool:
    """Tell whether it speaks no older one."""
    kinds = profile.transport.kinds or ()
    return speaks(profile) and "streamable" not in kinds and not revisions(profile) & HANDSHAKES


def revisions(profile: Profile) -> frozenset[str]:
    """Give the revisions that the service is known to speak."""
    known = profile.protocol
    chosen = (known.revisions or {}).values()
    told = ((each,) if isinstance(each, str) else each for each in chosen)
    spoken = frozenset[str]().union(*told, known.supported or (), known.opening)
    return spoken - {REFUSED}


def discovered(profile: Profile) -> dict[str, Any]:
    """Give the result of `server/discover`: as was seen, else of what is known of the server."""
    seen, known = _seen(profile), profile.protocol
    if seen is not None:
        return dict(seen)
    info: Any = known.server_info.value if known.server_info is not None else None
    can: Any = known.capabilities.value if known.capabilities is not None else None
    return {
        "supportedVersions": sorted(revisions(profile) | {SINCE}),
        "capabilities": {"tools": {}} if can is None else can,
        "_meta": {_SERVER_INFO: info or {"name": profile.name, "version": "0"}},
    }


def _seen(profile: Profile) -> dict[str, Any] | None:
    """Give what the server was seen to tell when it was discovered."""
    for revision, document in profile.protocol.opening.items():
        told = document.value
        if revision >= SINCE and isinstance(told, dict) and "supportedVersions" in told:
            return told
    return None
