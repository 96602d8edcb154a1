"""What findings on latency measure: each is of one of three times that begin with the request."""

from typing import Literal, get_args

from wiretape.analysis.usual import dashed
from wiretape.recorder.log import oauth

type Until = Literal["result", "response", "first event"]
"""Until what: the result of a JSON-RPC method, the head of the response, a stream's first event."""

START = "latency."
FEW = 10
"""Of fewer samples the tail is but the longest of them."""

_FIRST_EVENT = ".first_event"
_ROLES = {dashed(role) for role in get_args(oauth.Step.__value__)} | {"mcp", "sse", "message"}


def timed(id_: str) -> tuple[str, Until]:
    """Tell from a finding's id which method or role it is of, and until what the time runs."""
    name = id_.removeprefix(START)
    if name.endswith(_FIRST_EVENT):
        return name.removesuffix(_FIRST_EVENT), "first event"
    return name, "response" if name in _ROLES else "result"
