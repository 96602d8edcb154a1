"""What a request of streamable HTTP must have before it is looked into.

Which answers a refusal gets is the profile's; where it knows none, that of the official SDKs. What
is not there is not held against a client where HTTP has a meaning for its absence (RFC 9110, 8.3
and 12.5.1), unless the service is known to refuse just that; nor is what HTTP takes for both kinds.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.values import Answer
from wiretape.replay.http.answers import reply_of
from wiretape.replay.http.messages import Ask, Reply, json_reply
from wiretape.replay.mcp.modern import HANDSHAKES, INVALID_REQUEST, revisions
from wiretape.replay.mcp.rpc import failure

VERSION = "mcp-protocol-version"
DEFAULT = "2025-03-26"
"""The revision where no header tells one (2025-06-18, Protocol Version Header)."""

_SINCE = "2025-06-18"
"""The first revision with the header."""

_JSON = frozenset({"*/*", "application/*", "application/json"})
_EVENTS = frozenset({"*/*", "text/*", "text/event-stream"})


class Requirements:
    """What one service requires."""

    def __init__(self, profile: Profile) -> None:
        self._known = profile.transport
        known = revisions(profile)
        self._spoken = HANDSHAKES | known
        self._versioned = max(known, default=_SINCE) >= _SINCE
        self._disliked = _values(self._known.wrong_accept, "accept")
        self._disliked_by_get = _values(self._known.get_wrong_accept, "accept")
        self._disliked_types = _values(self._known.wrong_content_type, "content_type")

    def of_post(self, ask: Ask) -> Reply | None:
        """Refuse a POST for its Accept or its Content-Type (2025-03-26, Sending Messages, 2)."""
        if not _accepted(ask, (_JSON, _EVENTS), self._disliked):
            why = "Client must accept both application/json and text/event-stream"
            return _not_acceptable(self._known.wrong_accept, why)
        known, disliked = self._known.wrong_content_type, self._disliked_types
        if ask.media_type in {"", "application/json"} and ask.media_type not in disliked:
            return None
        why = "Unsupported Media Type: Content-Type must be application/json"
        return refusal(415, why) if known is None else reply_of(known)

    def of_get(self, ask: Ask) -> Reply | None:
        """Refuse a GET for its Accept (2025-03-26, Listening for Messages, 2)."""
        if _accepted(ask, (_EVENTS,), self._disliked_by_get):
            return None
        why = "Client must accept text/event-stream"
        return _not_acceptable(self._known.get_wrong_accept, why)

    def of_version(self, ask: Ask) -> Reply | None:
        """Refuse a revision that nobody speaks (2025-06-18, Protocol Version Header).

        Services that speak nothing so new do not know the header.
        """
        version = ask.headers.get(VERSION, DEFAULT)
        known = self._known.unsupported_revision
        if version in self._spoken or (known is None and not self._versioned):
            return None
        if known is not None:
            return reply_of(known)
        spoken = ", ".join(sorted(self._spoken))
        return refusal(400, f"Bad Request: Unsupported protocol version. Supported: {spoken}")


def _values(known: Answer | None, header: Literal["accept", "content_type"]) -> frozenset[str]:
    """Give the values of a header that are known to be refused."""
    told = getattr(known, header) if known is not None else None
    return frozenset(told or ())


def _accepted(ask: Ask, kinds: Sequence[frozenset[str]], disliked: frozenset[str]) -> bool:
    accept = ask.headers.get("accept", "")
    if accept in disliked:
        return False
    return "accept" not in ask.headers or all(accepts(accept, types) for types in kinds)


def _not_acceptable(known: Answer | None, why: str) -> Reply:
    return refusal(406, f"Not Acceptable: {why}") if known is None else reply_of(known)


@lru_cache(maxsize=256)
def accepts(accept: str, types: frozenset[str]) -> bool:
    """Tell whether an Accept has one of these types; weights do not count, as in the SDKs."""
    told = (part.partition(";")[0].strip().lower() for part in accept.split(","))
    return not types.isdisjoint(told)


def refusal(status: int, why: str) -> Reply:
    """Refuse with an error of JSON-RPC that is about no call."""
    return json_reply(status, failure(None, INVALID_REQUEST, why).message)
