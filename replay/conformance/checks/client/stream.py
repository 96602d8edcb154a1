"""An event stream that dies before the answer has come."""

from wiretape.replay.conformance.check import Check, Family, Source
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.targets.client import ClientStage, streaming
from wiretape.replay.conformance.verdict import Verdict, untestable
from wiretape.replay.conformance.visits import ends


async def play(stage: ClientStage) -> None:
    """Cut the stream with the list of tools off."""
    await stage.visit("stream-cut:method=tools/list,times=1", profile=streaming(), seconds=15)


def _ends(evidence: Evidence) -> Verdict:
    if not [turn for turn in evidence.up if turn.rpc == "tools/list" and not turn.results]:
        return untestable("no list of tools was cut off")
    return ends(evidence)


FAMILY = Family(
    title="A stream that dies",
    play=play,
    checks=(
        Check(
            id="stream.cut",
            title="A stream that is cut off before the answer does not make the client hang",
            severity="seed",
            source=Source("learnt in production: event streams now and then ended as `terminated`"),
            remedy="When the stream of a call ends without its answer, resume it or end the call.",
            judge=_ends,
        ),
    ),
)
