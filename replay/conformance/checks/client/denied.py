"""A user who does not consent."""

from wiretape.replay.conformance.check import Check, Family, Source
from wiretape.replay.conformance.evidence import Evidence, oauth_turns
from wiretape.replay.conformance.targets.client import ClientStage
from wiretape.replay.conformance.terms.visits import EXIT, ends
from wiretape.replay.conformance.verdict import Verdict, judged, untestable


async def play(stage: ClientStage) -> None:
    """Deny authorization."""
    await stage.visit("access-denied")


def _ends(evidence: Evidence) -> Verdict:
    if not oauth_turns(evidence.up, "authorization"):
        return untestable("no authorization was asked for")
    over = ends(evidence)
    if over.outcome != "pass":
        return over
    code = evidence.noted(EXIT)[-1]
    return judged(code != "0", f"the client ended with exit code {code}")


FAMILY = Family(
    title="A user who does not consent",
    play=play,
    checks=(
        Check(
            id="denied.ends",
            title="A client whose user denies ends, and says that it failed",
            severity="seed",
            source=Source("learnt in production: clients waited for a code without end"),
            remedy="Take error at the callback for the end of the login.",
            judge=_ends,
        ),
    ),
)
