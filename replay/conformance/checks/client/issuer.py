"""Metadata that names another issuer than where it was found."""

from wiretape.replay.conformance.check import Check, Family, rfc
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.targets.client import ClientStage
from wiretape.replay.conformance.verdict import Verdict, judged, untestable

_USING = {"registration", "authorization", "token"}


async def play(stage: ClientStage) -> None:
    """Let the authorization server's metadata name another issuer."""
    await stage.visit("issuer-mismatch")


def _refused(evidence: Evidence) -> Verdict:
    read = [turn for turn in evidence.up if turn.oauth == "server metadata" and turn.fields]
    if not read:
        return untestable("no metadata of an authorization server was read")
    using = [turn for turn in evidence.up if turn.oauth in _USING]
    seen = f"after the metadata {len(using)} requests went to the authorization server"
    return judged(not using, seen, read[-1], *using[:2])


FAMILY = Family(
    title="Another issuer",
    play=play,
    checks=(
        Check(
            id="issuer.mismatch",
            title="Metadata of another issuer is not used",
            severity="MUST",
            source=rfc(8414, "3.3"),
            remedy="Compare issuer with the URL that the metadata's place was made from.",
            judge=_refused,
        ),
    ),
)
