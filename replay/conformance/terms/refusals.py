"""Refusals, which count beside what is right: whatever refuses everything has met nothing by that.

So each play does what is right, too, and its judges ask whether that was accepted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from wiretape.replay.conformance.evidence import Evidence, Turn, oauth_turns
from wiretape.replay.conformance.terms import grants
from wiretape.replay.conformance.terms.endpoint import endpoint_turns
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable


def beside(refusal: Verdict, accepted: Sequence[Turn], right: str) -> Verdict:
    """Give a verdict on a refusal; if nothing that is `right` was accepted, nothing can be said."""
    if refusal.outcome != "pass":
        return refusal
    if not accepted:
        seen = f"{refusal.seen}, but {right} was not accepted, either"
        return replace(refusal, outcome="untestable", seen=seen)
    return replace(refusal, lines=tuple(sorted({*refusal.lines, *accepted[0].lines})))


def served(evidence: Evidence) -> list[Turn]:
    """Give the calls of clients that have a result in their own answer."""
    return [turn for turn in endpoint_turns(evidence) if turn.results]


def refused(evidence: Evidence, step: str, what: str, *errors: str) -> Verdict:
    """Judge that the step's first token request was refused with one of these errors.

    Beside it one of the same grant type was answered with tokens.
    """
    for turn in grants.requests(evidence.at(step).down):
        good = turn.status in {400, 401} and grants.error(turn) in errors
        given = grants.issued(grants.requests(evidence.down, grants.kind(turn)))
        verdict = judged(good, f"{what} was {grants.told(turn)}", turn)
        return beside(verdict, given, "a request with nothing wrong")
    return untestable(f"{what} was not asked for")


def turned_away(wrong: Iterable[Turn], right: Iterable[Turn], what: str) -> Verdict:
    """Judge that the first authorization request that is wrong ends on a page (RFC 6749, 4.1.2.1).

    Beside it a right one leads on.
    """
    for turn in oauth_turns(wrong, "authorization"):
        good = turn.location is None and turn.status is not None and turn.status >= 400
        seen = f"{what} was answered {turn.status} and led {turn.location or 'nowhere'}"
        return beside(judged(good, seen, turn), grants.led_on(right), "a right request")
    return untestable(f"{what} was not sent")


def unauthorized(evidence: Evidence, step: str, what: str) -> Verdict:
    """Judge that each of the step's calls was refused as RFC 6750, 3.1, says of bad tokens.

    Beside them a call with a token had a result.
    """
    asked = [turn for turn in evidence.at(step).down if turn.bearer is not None]
    for turn in asked:
        if turn.status != 401:
            return unmet(f"{what} was {grants.told(turn)}", turn)
    if not asked:
        return untestable(f"{what} was not tried")
    good = [turn for turn in served(evidence) if turn.bearer is not None]
    return beside(
        met(f"{what} was {grants.told(asked[0])}", *asked), good, "a call with a good one"
    )
