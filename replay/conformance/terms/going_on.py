"""Whether a client that was played could go on, as far as its user needs."""

from collections.abc import Iterable

from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.terms.talks import answered
from wiretape.replay.conformance.verdict import Verdict, met, unmet, untestable

_INVALID = -32602
"""Invalid params (JSON-RPC 2.0, 5.1)."""


def went_on(at: Evidence, who: str, good: str, *shown: Turn) -> Verdict:
    """Judge a step by whether in the end a tool could be called."""
    if not at.down:
        return untestable(f"{who} did not get so far")
    calls = answered(at.down, "tools/call")
    if calls:
        return met(good, *shown, calls[-1])
    lacking = _lacking(at.down, who)
    if lacking is not None:
        return lacking
    refused = [turn for turn in at.down if turn.status is None or turn.status >= 400]
    why = "; ".join(at.noted("stuck")) or at.stuck or "no call had a result"
    return unmet(why, *shown, *refused[-1:], at.down[-1])


def _lacking(turns: Iterable[Turn], who: str) -> Verdict | None:
    """Say so if nobody could go on who knows no more than the target tells."""
    for turn in turns:
        if turn.oauth == "server metadata" and turn.status == 200:
            if "registration_endpoint" not in turn.fields:
                return untestable(f"{who} cannot register: that needs a client id", turn)
        elif turn.rpc == "tools/list" and {"tools": []} in turn.results:
            return untestable(f"{who} found no tool to call", turn)
        elif turn.rpc == "tools/call" and _INVALID in {each.code for each in turn.failures}:
            return untestable(f"{who} knows no arguments: say some in server.calls", turn)
    return None
