"""A callback without the state: somebody else may have sent it."""

from wiretape.replay.conformance.check import Check, Family, spec
from wiretape.replay.conformance.evidence import Evidence, oauth_turns
from wiretape.replay.conformance.targets.client import ClientStage
from wiretape.replay.conformance.terms.grants import exchanges
from wiretape.replay.conformance.verdict import Verdict, judged, untestable


async def play(stage: ClientStage) -> None:
    """Send the user back without a state; many clients then wait for a better callback."""
    await stage.visit("state-dropped")


def _verified(evidence: Evidence) -> Verdict:
    begun = [turn for turn in oauth_turns(evidence.up, "authorization") if turn.query.get("state")]
    if not begun:
        return untestable("no authorization was asked for with a state")
    taken = exchanges(evidence.up)
    return judged(not taken, f"{len(taken)} codes without a state were exchanged", *begun, *taken)


FAMILY = Family(
    title="A callback without state",
    play=play,
    checks=(
        Check(
            id="state.verified",
            title="A code that comes without the state is not exchanged",
            severity="SHOULD",
            source=spec("2025-06-18", "basic/authorization", "open-redirection"),
            remedy="Compare state at the callback with the one sent, and refuse any other.",
            judge=_verified,
        ),
    ),
)
