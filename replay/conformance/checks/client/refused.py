"""A good token that is refused in the middle of a session, once."""

from wiretape.replay.conformance.check import Check, Family, rfc, spec
from wiretape.replay.conformance.evidence import Evidence, calls
from wiretape.replay.conformance.targets.client import ClientStage
from wiretape.replay.conformance.terms.grants import refreshes
from wiretape.replay.conformance.terms.visits import later
from wiretape.replay.conformance.verdict import Verdict, judged, untestable


async def play(stage: ClientStage) -> None:
    """Refuse the token when tools are listed."""
    await stage.visit("unauthorized:method=tools/list,times=1")


def _recovers(evidence: Evidence) -> Verdict:
    turns = calls(evidence.up, "tools/list")
    refused = [turn for turn in turns if turn.status == 401]
    if not refused:
        return untestable("no list of tools was refused")
    again = [turn for turn in turns if turn.bearer not in {refused[0].bearer, None}]
    return judged(bool(again), f"the request was sent {len(again)} times more", *refused, *again)


def _refreshes(evidence: Evidence) -> Verdict:
    refused = [turn for turn in calls(evidence.up, "tools/list") if turn.status == 401]
    if not refused:
        return untestable("no list of tools was refused")
    after = later(evidence, refused[0])
    fresh = [turn for turn in refreshes(evidence.up) if turn in after]
    asks = [turn for turn in after if turn.oauth == "authorization"]
    seen = f"after the refusal: {len(fresh)} refreshes, {len(asks)} new authorizations"
    return judged(bool(fresh) and not asks, seen, refused[0], *fresh, *asks)


FAMILY = Family(
    title="A token that is refused",
    play=play,
    checks=(
        Check(
            id="refused.recovers",
            title="A refused token is replaced, and the request repeated",
            severity="MUST",
            source=spec("2025-06-18", "basic/authorization", "authorization-server-location"),
            remedy="At a 401 obtain a new token, and send the request again with it.",
            judge=_recovers,
        ),
        Check(
            id="refused.refreshes",
            title="A refused token is refreshed without asking the user",
            severity="SHOULD",
            source=rfc(6750, "3.1"),
            remedy="At a 401 use the refresh token first, whatever the own clock says.",
            judge=_refreshes,
        ),
    ),
)
