"""A token endpoint that asks for patience."""

from wiretape.replay.conformance.check import Check, Family, Source, rfc
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.targets.client import ClientStage
from wiretape.replay.conformance.verdict import Verdict, judged, met, untestable

_SECONDS = 2
_BOUND = 5


async def play(stage: ClientStage) -> None:
    """Answer token requests with 429."""
    await stage.visit(f"token-rate-limited:retry_after={_SECONDS}")


def _waits(evidence: Evidence) -> Verdict:
    turns = [turn for turn in evidence.up if turn.oauth == "token"]
    if not turns or turns[0].status != 429:
        return untestable("no token request was answered with 429")
    if len(turns) == 1:
        return met("the client did not ask again", turns[0])
    waited = turns[1].exchange.request.t - turns[0].exchange.request.t
    return judged(waited >= _SECONDS, f"the client asked again after {waited:.1f} s", *turns[:2])


def _bounded(evidence: Evidence) -> Verdict:
    turns = [turn for turn in evidence.up if turn.oauth == "token"]
    if not turns:
        return untestable("no token was asked for")
    return judged(len(turns) <= _BOUND, f"{len(turns)} tokens were asked for", *turns[:_BOUND])


FAMILY = Family(
    title="A token endpoint that asks for patience",
    play=play,
    checks=(
        Check(
            id="rate-limit.waits",
            title="Retry-After is waited out",
            severity="SHOULD",
            source=rfc(9110, "10.2.3"),
            remedy="Ask again only when the seconds of Retry-After have passed, or not at all.",
            judge=_waits,
        ),
        Check(
            id="rate-limit.bounded",
            title="A busy token endpoint is not stormed",
            severity="seed",
            source=Source("learnt in production: clients threw their grant away and began anew"),
            remedy="Try a few times, with growing pauses, and then tell the user.",
            judge=_bounded,
        ),
    ),
)
