"""What was recorded, as values of findings: small enough to be read, and nested no deeper."""

import msgspec
from msgspec import UNSET, Raw
from pydantic import JsonValue

from wiretape.recorder.log.records import Body

_SIZE = 64 * 1024
_DEPTH = 32
_BRIEF = 1024


def value(raw: Raw | bytes | None) -> JsonValue:
    """Give raw JSON as a value; `None` for what is no JSON, over 64 KB, or over 32 levels deep."""
    if raw is None or len(bytes(raw)) > _SIZE:
        return None
    try:
        found: JsonValue = msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        return None
    return found if _fits(found, _DEPTH) else None


def brief(body: Body | None, most: int = _BRIEF) -> JsonValue:
    """Give a body as a value: JSON up to so many bytes, else its first; none if binary."""
    if body is None or not body.size or body.base64 is not None:
        return None
    if body.json is not UNSET and len(bytes(body.json)) <= most:
        return value(body.json)
    return body.data()[: most + 1].decode(errors="replace")[:most] or None


def _fits(found: JsonValue, levels: int) -> bool:
    if isinstance(found, dict):
        return levels > 0 and all(_fits(item, levels - 1) for item in found.values())
    if isinstance(found, list):
        return levels > 0 and all(_fits(item, levels - 1) for item in found)
    return True
