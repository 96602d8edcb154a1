"""Revocation, where it is offered: a client that leaves takes all it was given with it."""

from wiretape.replay.conformance.check import Check, Family, rfc
from wiretape.replay.conformance.driving.client import client
from wiretape.replay.conformance.evidence import Evidence, oauth_turns
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants, refusals
from wiretape.replay.conformance.verdict import Verdict, judged, met, untestable

_UNKNOWN, _REFRESH, _CALL = "an unknown token", "a revoked refresh token", "its access token"


async def play(stage: Stage) -> None:
    """Use tokens; revoke one that nobody issued, and the refresh token; use them once more."""
    async with client(stage) as user:
        await user.login()
        await user.refresh()
        await user.initialize()
        endpoint = user.server.get("revocation_endpoint")
        if not isinstance(endpoint, str):
            return
        about = {"client_id": user.registered.get("client_id")}
        stage.step(_UNKNOWN)
        await user.http.post(endpoint, data=about | {"token": "-".join(["nobody", "issued", "it"])})
        stage.step("revocation")
        await user.http.post(endpoint, data=about | {"token": user.tokens.get("refresh_token")})
        stage.step(_CALL)
        await user.initialize()
        stage.step(_REFRESH)
        await user.refresh()


def _unknown(evidence: Evidence) -> Verdict:
    for turn in oauth_turns(evidence.at(_UNKNOWN).down, "revocation"):
        return judged(turn.status == 200, f"to revoke {_UNKNOWN} was {grants.told(turn)}", turn)
    return _not_offered(evidence)


def _refresh_token(evidence: Evidence) -> Verdict:
    if not oauth_turns(evidence.at("revocation").down, "revocation"):
        return _not_offered(evidence)
    return refusals.refused(evidence, _REFRESH, "a refresh with a revoked token", "invalid_grant")


def _access_token(evidence: Evidence) -> Verdict:
    if not oauth_turns(evidence.at("revocation").down, "revocation"):
        return _not_offered(evidence)
    return refusals.unauthorized(evidence, _CALL, "a call after its grant was revoked")


def _not_offered(evidence: Evidence) -> Verdict:
    for turn in oauth_turns(evidence.down, "server metadata"):
        if turn.status == 200 and turn.fields and "revocation_endpoint" not in turn.fields:
            return met("the metadata offers no revocation", turn)
    return untestable("nothing was revoked")


FAMILY = Family(
    title="Revocation",
    play=play,
    checks=(
        Check(
            id="revocation.refresh-token",
            title="A refresh token that was revoked is refused",
            severity="MUST",
            source=rfc(7009, "2"),
            remedy="End the grant at once, and refuse its refresh tokens.",
            judge=_refresh_token,
        ),
        Check(
            id="revocation.access-token",
            title="Access tokens go with their refresh token",
            severity="SHOULD",
            source=rfc(7009, "2.1"),
            remedy="Look up the grant of an access token at each request.",
            judge=_access_token,
        ),
        Check(
            id="revocation.unknown-token",
            title="To revoke what is no token is a success",
            severity="MUST",
            source=rfc(7009, "2.2"),
            remedy="Answer 200: the client cannot do better, and need not know.",
            judge=_unknown,
        ),
    ),
)
