"""What a client does whose grant is over: it is to ask the user again."""

from wiretape.replay.conformance.evidence import Evidence, oauth_turns
from wiretape.replay.conformance.terms.going_on import went_on
from wiretape.replay.conformance.terms.grants import refreshes
from wiretape.replay.conformance.verdict import Verdict, unmet, untestable

SPOILT = "spoilt"
"""The note that a client's refresh token was replaced by one that was not issued."""


def asked_again(at: Evidence, who: str) -> Verdict:
    """Judge the step in which the grant ended, at the service or, if `SPOILT`, for the client."""
    if at.noted(SPOILT):
        asked = refreshes(at.down)
        if not asked:
            return untestable(f"{who} had nothing to refresh")
        if not oauth_turns(at.down, "authorization"):
            return unmet(f"{who} was not sent to the user", *asked)
    elif at.down and not any(turn.fields.get("error") == "invalid_grant" for turn in at.up):
        return untestable("the service was not asked to refresh, so that it could not refuse")
    return went_on(at, who, "it asked the user again, and went on")
