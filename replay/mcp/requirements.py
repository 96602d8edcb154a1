"""What a request of streamable HTTP must have before it is looked into.

Which answers a refusal gets is the profile's; where it knows none, that of the official SDKs. What
is not there is not held against a client where HTTP has a meaning for its absence (RFC 9110, 8.3
and 12.5.1), unless the service is known to refuse just that.
"""

from functools import lru_cache

from wiretape.analysis.profile.model import Profile
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
        refused = self._known.wrong_accept
        self._wants_accept = refused is not None and refused.accept == ""

    def of_post(self, ask: Ask) -> Reply | None:
        """Refuse a POST for its Accept or its Content-Type (2025-03-26, Sending Messages, 2)."""
        accept = ask.headers.get("accept")
        if accept is None:
            acceptable = not self._wants_accept
        else:
            acceptable = accepts(accept, _JSON) and accepts(accept, _EVENTS)
        if not acceptable:
            why = "Client must accept both application/json and text/event-stream"
            return self._not_acceptable(why)
        if ask.media_type in {"", "application/json"}:
            return None
        known = self._known.wrong_content_type
        why = "Unsupported Media Type: Content-Type must be application/json"
        return refusal(415, why) if known is None else reply_of(known)

    def of_get(self, ask: Ask) -> Reply | None:
        """Refuse a GET for its Accept (2025-03-26, Listening for Messages, 2)."""
        accept = ask.headers.get("accept")
        if self._wants_accept if accept is None else not accepts(accept, _EVENTS):
            return self._not_acceptable("Client must accept text/event-stream")
        return None

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

    def _not_acceptable(self, why: str) -> Reply:
        known = self._known.wrong_accept
        return refusal(406, f"Not Acceptable: {why}") if known is None else reply_of(known)


@lru_cache(maxsize=256)
def accepts(accept: str, types: frozenset[str]) -> bool:
    """Tell whether an Accept has one of these types; weights do not count, as in the SDKs."""
    told = (part.partition(";")[0].strip().lower() for part in accept.split(","))
    return not types.isdisjoint(told)


def refusal(status: int, why: str) -> Reply:
    """Refuse with an error of JSON-RPC that is about no call."""
    return json_reply(status, failure(None, INVALID_REQUEST, why).message)
