"""A redirect to somebody else."""

from wiretape.recorder.log.urls import origin
from wiretape.replay.conformance.check import Check, Family, Source, rfc
from wiretape.replay.conformance.evidence import Evidence, calls
from wiretape.replay.conformance.targets.client import MODERN, ClientStage
from wiretape.replay.conformance.terms.visits import ends
from wiretape.replay.conformance.verdict import Verdict, judged, untestable


async def play(stage: ClientStage) -> None:
    """Redirect the list of tools to another service."""
    async with stage.serving(MODERN) as elsewhere, stage.serving(MODERN) as service:
        service.service.faults.arm("redirect-elsewhere", to=elsewhere.urls[0], method="tools/list")
        await stage.run(service)


def _stays(evidence: Evidence) -> Verdict:
    led = [turn for turn in calls(evidence.up, "tools/list") if turn.status == 307]
    if not led or led[0].location is None:
        return untestable("no list of tools was redirected")
    there = origin(led[0].location)
    taken = [turn for turn in evidence.up if origin(turn.url) == there and turn.bearer]
    seen = f"{len(taken)} requests took the token to another origin"
    return judged(not taken, seen, led[0], *taken)


def _ends(evidence: Evidence) -> Verdict:
    if not [turn for turn in calls(evidence.up, "tools/list") if turn.status == 307]:
        return untestable("no list of tools was redirected")
    return ends(evidence)


FAMILY = Family(
    title="A redirect to somebody else",
    play=play,
    checks=(
        Check(
            id="redirect.token-stays",
            title="A token does not go to another origin",
            severity="MUST",
            source=rfc(6750, "5.3"),
            remedy="Follow redirects within the origin only, or without the Authorization header.",
            judge=_stays,
        ),
        Check(
            id="redirect.ends",
            title="A client that cannot follow a redirect ends",
            severity="seed",
            source=Source("learnt in production: clients waited for what a redirect had swallowed"),
            remedy="Take a redirect that is not followed for an error.",
            judge=_ends,
        ),
    ),
)
