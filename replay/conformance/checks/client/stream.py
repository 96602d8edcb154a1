"""An event stream that dies before the answer has come."""

from wiretape.replay.conformance.check import Check, Family, spec
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.targets.client import ClientStage, streaming
from wiretape.replay.conformance.terms.visits import ends
from wiretape.replay.conformance.verdict import Verdict, untestable

_SECONDS = 40


async def play(stage: ClientStage) -> None:
    """Cut the stream with the list of tools off."""
    await stage.visit("stream-cut:method=tools/list,times=1", profile=streaming(), seconds=_SECONDS)


def _ends(evidence: Evidence) -> Verdict:
    if not [turn for turn in evidence.up if turn.rpc == "tools/list" and not turn.results]:
        return untestable("no list of tools was cut off")
    return ends(evidence)


FAMILY = Family(
    title="A stream that dies",
    play=play,
    seconds=_SECONDS + 10,
    checks=(
        Check(
            id="stream.cut",
            title=f"A call whose stream is cut off ends within {_SECONDS} seconds",
            severity="SHOULD",
            source=spec("2025-06-18", "basic/lifecycle", "timeouts"),
            remedy="When the stream of a call ends without its answer, resume it or end the call.",
            judge=_ends,
        ),
    ),
)
