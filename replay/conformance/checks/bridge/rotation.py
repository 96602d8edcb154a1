"""Refresh, again and again: each time with the tokens of the time before, on both sides."""

from wiretape.replay.conformance.check import Check, Family, Source, rfc
from wiretape.replay.conformance.driving.behind import renewed
from wiretape.replay.conformance.driving.client import client, expected
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants, refusals
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_ROUNDS = ("first refresh", "second refresh", "third refresh")
_SPENT, _OTHERS = "a spent token", "another client's token"
_USE = "use of what was refreshed"
_MARGIN = "margin"
_SHORT = 600


async def play(stage: Stage) -> None:
    """Renew the tokens three times, and use them; then refresh wrongly.

    The third time the service's tokens live shorter, which is to be passed on.
    """
    async with client(stage) as user:
        stage.note(_MARGIN, str(stage.config.bridge.margin))
        await user.login()
        first = user.tokens.get("refresh_token")
        for step in _ROUNDS:
            stage.step(step)
            if step == _ROUNDS[-1]:
                stage.arm("short-lived", seconds=_SHORT)
            await renewed(stage, user)
        stage.disarm()
        stage.step(_USE)
        await user.initialize()
        stage.step("another client")
        mine = user.registered
        expected(await user.register(), "registration")
        stage.step(_OTHERS)
        await user.refresh()
        user.registered = mine
        stage.step(_SPENT)
        await user.refresh(refresh_token=first)


def _works(evidence: Evidence) -> Verdict:
    asked = [turn for step in _ROUNDS for turn in grants.refreshes(evidence.at(step).down)]
    for turn in asked:
        if turn.status != 200:
            return unmet(f"a refresh was {grants.told(turn)}", turn)
    if len({turn.step for turn in asked}) < len(_ROUNDS):
        return untestable("there were not three refreshes")
    return met("three refreshes in a row work", *asked)


def _stored(evidence: Evidence) -> Verdict:
    """Judge that each refresh upstream comes with the newest refresh token that was issued there.

    One that is not replaced stays (RFC 6749, 6).
    """
    newest: str | None = None
    asked = []
    for turn in grants.requests(evidence.up):
        if grants.kind(turn) == "refresh_token":
            asked.append(turn)
            if newest is not None and turn.parameters.get("refresh_token") != newest:
                return unmet("a refresh upstream came with a token that was replaced", *asked)
        newest = grants.token(turn, "refresh_token") or newest
    if len(asked) < len(_ROUNDS):
        return untestable(f"there were {len(asked)} refreshes upstream")
    return met("each refresh upstream comes with the newest refresh token", *asked)


def _wrapped(evidence: Evidence) -> Verdict:
    """Judge that the first call after the refreshes is made with what they brought."""
    newest = None
    for turn in evidence.up:
        if turn.step == _USE and turn.bearer is not None:
            if newest is None:
                break
            good = turn.bearer == newest
            seen = f"the service was called with its {'newest' if good else 'former'} token"
            return judged(good, f"{seen} after a refresh", turn)
        if turn.oauth == "token" and turn.step != _USE:
            newest = grants.token(turn) or newest
    return untestable("the service was not called after a refresh")


def _rotated(evidence: Evidence) -> Verdict:
    """Judge what public clients get: others may keep their refresh tokens."""
    issued = grants.issued(evidence.down)
    refreshed = [
        turn
        for turn in issued
        if grants.kind(turn) == "refresh_token" and not grants.authenticated(turn)
    ]
    for turn in refreshed:
        spent = turn.parameters.get("refresh_token")
        if grants.token(turn, "refresh_token") in {None, spent}:
            return unmet("a refresh was answered without a new refresh token", turn)
    if not refreshed:
        return untestable("no refresh of a public client succeeded")
    return met("each refresh was answered with a new refresh token", *refreshed)


def _spent(evidence: Evidence) -> Verdict:
    what = "a refresh with a token that was replaced three times"
    return refusals.refused(evidence, _SPENT, what, "invalid_grant")


def _client(evidence: Evidence) -> Verdict:
    what = "a refresh with another client's token"
    return refusals.refused(evidence, _OTHERS, what, "invalid_grant", "invalid_client")


def _earlier(evidence: Evidence) -> Verdict:
    """Judge what each answer with tokens says beside the service's that stands behind it."""
    margin = evidence.number(_MARGIN)
    shown, behind = [], None
    for turn in grants.issued(sorted(evidence.turns, key=lambda each: each.lines[-1])):
        if turn.side == "up":
            behind = turn
            continue
        if behind is None:
            continue
        lives, stands = turn.fields.get("expires_in"), behind.fields.get("expires_in")
        if not isinstance(lives, int | float) or not isinstance(stands, int | float):
            continue
        shown += [turn, behind]
        if lives > stands - margin:
            seen = f"a token is good for {lives:g} s, the service's for {stands:g} s"
            return unmet(f"{seen}, which is not {margin:g} s later", turn, behind)
    if not shown:
        return untestable("no expires_in was seen on both sides")
    return met(f"tokens are over at least {margin:g} s before the service's", *shown)


FAMILY = Family(
    title="Refresh and rotation",
    play=play,
    checks=(
        Check(
            id="refresh.works",
            title="A first, second and third refresh work",
            severity="seed",
            source=Source("learnt in production: the second refresh failed, or users log in again"),
            remedy="Store what each refresh upstream gives, and issue new tokens for it.",
            judge=_works,
        ),
        Check(
            id="refresh.rotation-stored",
            title="Each refresh upstream comes with the newest refresh token",
            severity="seed",
            source=Source("learnt in production: a rotated refresh token was not stored"),
            remedy="Replace the stored refresh token at every answer that has a new one.",
            judge=_stored,
        ),
        Check(
            id="refresh.wrapped-anew",
            title="After a refresh, calls go upstream with the new token",
            severity="seed",
            source=Source("learnt in production: a refreshed token was not wrapped anew"),
            remedy="Replace the access token behind the client's at each refresh.",
            judge=_wrapped,
        ),
        Check(
            id="refresh.rotated",
            title="Public clients get a new refresh token at each refresh",
            severity="MUST",
            source=rfc(9700, "2.2.2"),
            remedy="Issue a new refresh token each time, if the client does not authenticate.",
            judge=_rotated,
            anywhere=True,
        ),
        Check(
            id="refresh.spent",
            title="A refresh token that was replaced long ago is refused",
            severity="MUST",
            source=rfc(9700, "4.14.2"),
            remedy="Know which refresh tokens were used; refuse them, and end their grant.",
            judge=_spent,
        ),
        Check(
            id="refresh.client",
            title="A refresh token is good for its own client only",
            severity="MUST",
            source=rfc(6749, "6"),
            remedy="Keep with a refresh token which client it is for, and compare.",
            judge=_client,
        ),
        Check(
            id="expiry.margin",
            title="A client's token is over before the service's, by the margin",
            severity="seed",
            source=Source("learnt in production: tokens are over one minute before the service's"),
            remedy="Take the margin off expires_in of each answer of the service.",
            judge=_earlier,
        ),
    ),
)
