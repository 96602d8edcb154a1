"""Tokens that expire in the middle of a session, twice."""

from wiretape.replay.conformance.check import Check, Family, Source, rfc, spec
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.targets.client import ClientStage
from wiretape.replay.conformance.terms.grants import exchanges, refreshes
from wiretape.replay.conformance.terms.visits import all_of, later, listed, spoken
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_LIFETIME = 2
_LONGER = 2.3


async def play(stage: ClientStage) -> None:
    """Let answers take longer than the token that they are asked with is good for."""
    await stage.visit(
        f"latency:seconds={_LONGER},method=initialize,user=user-1,times=1",
        f"latency:seconds={_LONGER},method=tools/list,times=1",
        expires_in=_LIFETIME,
    )


def _used(evidence: Evidence) -> Verdict:
    if not exchanges(evidence.up):
        return untestable("the client has obtained no token")
    fresh = [turn for turn in refreshes(evidence.up) if turn.status == 200]
    if not fresh:
        return unmet("no token was refreshed after the first had expired")
    seen = listed(evidence)
    return judged(bool(seen), f"tokens were refreshed {len(fresh)} times", *fresh)


def _resource(evidence: Evidence) -> Verdict:
    turns = refreshes(evidence.up)
    bad = (turn for turn in turns if not turn.parameters.get("resource"))
    return all_of(turns, bad, "refreshes", "name no resource")


def _new_token(evidence: Evidence) -> Verdict:
    fresh = [turn for turn in refreshes(evidence.up) if turn.status == 200]
    if not fresh:
        return untestable("no token was refreshed")
    token = fresh[0].member("access_token")
    after = [turn for turn in later(evidence, fresh[0]) if turn in spoken(evidence)]
    if not after:
        return untestable("nothing was asked after the refresh")
    using = [turn for turn in after if turn.bearer == token]
    return judged(bool(using), f"{len(using)} requests had the new token", fresh[0], *using[:1])


def _rotated(evidence: Evidence) -> Verdict:
    newest: str | None = None
    several = 0
    for turn in evidence.up:
        if turn.oauth != "token":
            continue
        said = turn.parameters
        if said.get("grant_type") == "refresh_token" and newest is not None:
            several += 1
            if several > 1 and said.get("refresh_token") != newest:
                return unmet("a refresh came with another token than the newest", turn)
        if turn.status == 200:
            newest = turn.member("refresh_token") or newest
    if several < 2:
        return untestable(f"there were {several} refreshes, and two are needed")
    return met(f"each of {several} refreshes came with the newest refresh token")


FAMILY = Family(
    title="Tokens that expire",
    play=play,
    checks=(
        Check(
            id="refresh.used",
            title="An expired token is refreshed",
            severity="seed",
            source=Source("learnt in production: users had to log in again every 55 minutes"),
            remedy="Keep the refresh token, and use it when the access token is over or refused.",
            judge=_used,
        ),
        Check(
            id="refresh.resource",
            title="A refresh names the MCP server as its resource",
            severity="MUST",
            source=spec("2025-06-18", "basic/authorization", "resource-parameter-implementation"),
            remedy="Send resource= with every token request (RFC 8707, 2.2).",
            judge=_resource,
            anywhere=True,
        ),
        Check(
            id="refresh.new-token",
            title="After a refresh the new token is used",
            severity="MUST",
            source=rfc(6749, "6"),
            remedy="Put the access token of the refresh's answer in the place of the old one.",
            judge=_new_token,
            anywhere=True,
        ),
        Check(
            id="refresh.rotated",
            title="A refresh token that was rotated is stored",
            severity="MUST",
            source=rfc(6749, "6"),
            remedy="Keep the refresh token of the answer, if there is one, instead of the old.",
            judge=_rotated,
            anywhere=True,
        ),
    ),
)
