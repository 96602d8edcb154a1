"""A notification that nobody knows (JSON-RPC 2.0, 4.1: it is not to be answered)."""

from pydantic import Field

from wiretape.replay.fault import Fault, Lines, Options, Strike, calls
from wiretape.replay.http.messages import encoded


class _Options(Options):
    notification: str = Field("notifications/unheard_of", description="its method")


def _said(strike: Strike[_Options], lines: Lines) -> Lines:
    told = {"jsonrpc": "2.0", "method": strike.options.notification, "params": {}}
    return (encoded(told), *lines)


FAULT = Fault(
    about="answers",
    title="a notification of an unknown method comes before the answer to a call",
    finds="clients that take the first message for the answer, or end at what they do not know",
    options=_Options,
    concerns=calls,
    said=_said,
)
