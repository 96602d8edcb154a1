"""What was asked of a target's MCP endpoint, and how: at whatever path JSON-RPC was said to it."""

from urllib.parse import unquote_plus

from wiretape.recorder.log import jsonrpc
from wiretape.recorder.log.raw import value
from wiretape.replay.conformance.evidence import Evidence, Turn


def endpoint_turns(evidence: Evidence, *steps: str) -> list[Turn]:
    """Give what clients asked of the MCP endpoint, in these steps if any are named; no preflights.

    The endpoint is where somebody sent a JSON-RPC message, in either spelling of its slash.
    """
    paths = {turn.path.rstrip("/") for turn in evidence.down if turn.said}
    return [
        turn
        for turn in evidence.down
        if turn.path.rstrip("/") in paths
        and turn.method != "OPTIONS"
        and (not steps or turn.step in steps)
    ]


def service_turns(evidence: Evidence) -> list[Turn]:
    """Give what the target asked of the service's MCP endpoint: wherever it said JSON-RPC."""
    places = {_place(turn) for turn in evidence.up if turn.said}
    return [turn for turn in evidence.up if _place(turn) in places]


def params(turn: Turn) -> dict[str, object]:
    """Give the parameters of the first call in the request."""
    for said in turn.said:
        if isinstance(said, jsonrpc.Call | jsonrpc.Notification) and said.params is not None:
            found = value(said.params)
            return found if isinstance(found, dict) else {}
    return {}


def mentions(turn: Turn, text: str) -> bool:
    """Tell whether a request has a text in its URL or its body."""
    body = turn.exchange.request.body
    said = "" if body is None else body.data().decode("utf-8", "replace")
    return text in said or text in unquote_plus(turn.url)


def media_type(turn: Turn) -> str:
    """Give the answer's media type in lower case, without parameters."""
    return (turn.given.get("content-type") or "").partition(";")[0].strip().lower()


def media_type_sent(turn: Turn) -> str:
    """Give the request's media type likewise."""
    return (turn.sent.get("content-type") or "").partition(";")[0].strip().lower()


def _place(turn: Turn) -> str:
    return turn.url.partition("?")[0].rstrip("/")
