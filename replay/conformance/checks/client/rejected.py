"""A service that refuses every token: no login helps."""

from wiretape.replay.conformance.check import Check, Family, Source
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.targets.client import ClientStage
from wiretape.replay.conformance.terms import grants
from wiretape.replay.conformance.terms.visits import EXIT, ends
from wiretape.replay.conformance.verdict import Verdict, judged, untestable

_BOUND = 5
_LEARNT = Source("learnt in production: clients registered and authorized again in a loop")


async def play(stage: ClientStage) -> None:
    """Refuse whatever token comes."""
    await stage.visit("unauthorized")


def _bounded(evidence: Evidence) -> Verdict:
    turns = [turn for turn in evidence.up if turn.oauth == "token"]
    if not turns:
        return untestable("the client has obtained no token")
    over = ends(evidence)
    if over.outcome != "pass":
        return over
    return judged(len(turns) <= _BOUND, f"{len(turns)} tokens were asked for", *turns[:_BOUND])


def _told(evidence: Evidence) -> Verdict:
    over = ends(evidence)
    if over.outcome != "pass":
        return over
    if not grants.issued(evidence.up):
        return untestable("the client has obtained no token")
    code = evidence.noted(EXIT)[-1]
    return judged(code != "0", f"the client ended with exit code {code}")


FAMILY = Family(
    title="A service that refuses every token",
    play=play,
    checks=(
        Check(
            id="rejected.bounded",
            title="A client that is refused again and again gives up",
            severity="seed",
            source=_LEARNT,
            remedy="Obtain a new token once for a request; if that is refused as well, end.",
            judge=_bounded,
        ),
        Check(
            id="rejected.told",
            title="A client that cannot log in tells so",
            severity="MUST",
            source=Source("what a command is run for: docs/conform-clients.md"),
            remedy="End with an exit code other than 0.",
            judge=_told,
        ),
    ),
)
