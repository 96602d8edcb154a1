"""A refresh that is refused for good: the user has to be asked again, and only once."""

from functools import partial

from wiretape.replay.conformance.check import Check, Family, Source, rfc, spec
from wiretape.replay.conformance.evidence import Evidence, oauth_turns
from wiretape.replay.conformance.targets.client import ClientStage
from wiretape.replay.conformance.terms.grants import exchanges, refreshes
from wiretape.replay.conformance.terms.visits import ends, later
from wiretape.replay.conformance.verdict import Verdict, judged, unmet, untestable

_BOUND = 5


async def play(stage: ClientStage) -> None:
    """Refuse every refresh; the first token is over when initialize is answered."""
    await stage.visit(
        "invalid-grant",
        "latency:seconds=2.3,method=initialize,user=user-1,times=1",
        expires_in=2,
    )


def _bounded(evidence: Evidence) -> Verdict:
    refused = [turn for turn in refreshes(evidence.up) if turn.status != 200]
    if not refused:
        return untestable("no refresh was refused")
    over = ends(evidence)
    if over.outcome != "pass":
        return over
    return judged(len(refused) <= _BOUND, f"{len(refused)} refreshes were refused", *refused)


def _authorizes(evidence: Evidence) -> Verdict:
    refused = [turn for turn in refreshes(evidence.up) if turn.status != 200]
    if not refused:
        return untestable("no refresh was refused")
    asks = [turn for turn in later(evidence, refused[0]) if turn.oauth == "authorization"]
    if not asks:
        return unmet("after the refusal the user was not asked again", refused[0])
    new = [turn for turn in exchanges(evidence.up) if turn.status == 200]
    seen = f"the user was asked again {len(asks)} times, {len(new)} codes were exchanged in all"
    return judged(len(new) > 1, seen, refused[0], *asks)


def _fresh(evidence: Evidence, name: str) -> Verdict:
    turns = oauth_turns(evidence.up, "authorization")
    used = [turn.query[name] for turn in turns if name in turn.query]
    if len(used) < 2:
        return untestable(f"{len(used)} authorizations had a {name}, and two are needed")
    distinct = len(set(used))
    return judged(distinct == len(used), f"{distinct} values of {len(used)} differ", *turns)


FAMILY = Family(
    title="A refresh that is refused",
    play=play,
    checks=(
        Check(
            id="invalid-grant.bounded",
            title="A refused refresh is not tried again and again",
            severity="seed",
            source=Source("learnt in production: clients refreshed with the same token for ever"),
            remedy="Forget a refresh token that was answered invalid_grant.",
            judge=_bounded,
        ),
        Check(
            id="invalid-grant.authorizes",
            title="After a refused refresh the user is asked again",
            severity="SHOULD",
            source=rfc(6749, "5.2"),
            remedy="At invalid_grant begin authorization anew.",
            judge=_authorizes,
        ),
        Check(
            id="pkce.fresh",
            title="Every authorization has a challenge of its own",
            severity="MUST",
            source=rfc(7636, "4.1"),
            remedy="Make a new verifier for every authorization request.",
            judge=partial(_fresh, name="code_challenge"),
            anywhere=True,
        ),
        Check(
            id="state.fresh",
            title="Every authorization has a state of its own",
            severity="SHOULD",
            source=spec("2025-06-18", "basic/authorization", "open-redirection"),
            remedy="Make a new state for every authorization request.",
            judge=partial(_fresh, name="state"),
            anywhere=True,
        ),
    ),
)
