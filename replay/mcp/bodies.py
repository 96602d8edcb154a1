"""What clients post: a message, a batch of messages, or what no server can read."""

from typing import Any, Literal, NamedTuple

from wiretape.analysis.profile.values import Answer
from wiretape.replay.http.answers import reply_of
from wiretape.replay.http.messages import Ask, Reply
from wiretape.replay.mcp.modern import PARSE_ERROR
from wiretape.replay.mcp.rpc import Message, Said, failure, is_id

_MOST = 1000
"""Messages of a batch."""

type What = Literal["no_json", "no_message", "batch"]


class Unread(NamedTuple):
    """A body that is not taken: what it is, and what is said if nothing is known of it."""

    what: What
    said: Said

    def answer(self, known: dict[What, Answer | None], otherwise: Reply) -> Reply:
        """Answer as the service is known to."""
        found = known[self.what]
        return otherwise if found is None else reply_of(found)


BATCH = Unread("batch", failure(None))
_NO_JSON = Unread("no_json", failure(None, PARSE_ERROR, "Parse error"))
_NO_MESSAGE = Unread("no_message", failure(None))


def body_of(ask: Ask) -> Message | list[Any] | Unread:
    """Read what was posted; what a batch (JSON-RPC 2.0, 6) consists of is not looked at."""
    try:
        found = ask.json
    except ValueError:
        return _NO_JSON
    if isinstance(found, list) and 0 < len(found) <= _MOST:
        return found
    return found if isinstance(found, dict) and _is_message(found) else _NO_MESSAGE


def _is_message(found: Message) -> bool:
    """Tell whether something is a message (JSON-RPC 2.0, 4 and 5)."""
    if found.get("jsonrpc") != "2.0":
        return False
    if isinstance(found.get("method"), str):
        return "id" not in found or is_id(found["id"])
    return "result" in found or "error" in found
