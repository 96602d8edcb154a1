"""A user disconnects: here and there nothing is left of it."""

from wiretape.replay.conformance.check import Check, Family, Source, rfc, spec
from wiretape.replay.conformance.driving.behind import profile
from wiretape.replay.conformance.driving.person import known_users, person
from wiretape.replay.conformance.evidence import Evidence, calls, oauth_turns
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants
from wiretape.replay.conformance.terms.endpoint import service_turns
from wiretape.replay.conformance.terms.refusals import beside
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_LEAVING, _AFTER = "disconnecting", "after that"
_OFFERED = "revocation is offered"


async def play(stage: Stage) -> None:
    """Connect, call, disconnect, call."""
    if profile(stage).endpoints.revocation is not None:
        stage.note(_OFFERED, "yes")
    _, name = known_users(stage, 2)
    async with person(stage, name) as bob:
        await bob.connect()
        tool = bob.listed(await bob.tools())[0]
        await bob.call(tool)
        stage.step(_LEAVING)
        await bob.disconnect()
        stage.step(_AFTER)
        await bob.call(tool)


def _revoked(evidence: Evidence) -> Verdict:
    left = evidence.at(_LEAVING)
    if not left.down:
        return untestable("nobody disconnected")
    if not evidence.noted(_OFFERED):
        return met("the service offers no revocation", *left.down)
    refresh = {grants.token(turn, "refresh_token") for turn in grants.issued(evidence.up)}
    revoked = oauth_turns([*left.up, *evidence.at(_AFTER).up], "revocation")
    for turn in revoked:
        if turn.parameters.get("token") in refresh:
            seen = f"a user disconnected; to revoke the refresh token was answered {turn.status}"
            return judged(turn.status == 200, seen, turn)
    what = "the access token only" if revoked else "nothing"
    return unmet(f"a user disconnected, and {what} was revoked", *left.down, *revoked)


def _forgotten(evidence: Evidence) -> Verdict:
    after = evidence.at(_AFTER)
    if not after.down or not evidence.at(_LEAVING).down:
        return untestable("nobody called after disconnecting")
    asked = [turn for turn in after.up if turn.bearer is not None or turn.oauth == "token"]
    turn = after.down[0]
    seen = f"a call after disconnecting was answered {turn.status}"
    if asked:
        return unmet(f"{seen}, and the service was asked", turn, *asked[:1])
    before = [each for each in service_turns(evidence) if each.results]
    return beside(judged(turn.status in range(300, 500), seen, turn), before, "one before that")


def _closed(evidence: Evidence) -> Verdict:
    begun = {
        turn.given.get("mcp-session-id"): turn
        for turn in calls(evidence.up, "initialize")
        if turn.given.get("mcp-session-id") is not None
    }
    if not begun:
        return untestable("the service gave no session")
    ended = {
        turn.sent.get("mcp-session-id")
        for turn in service_turns(evidence)
        if turn.method == "DELETE" and (turn.status or 500) < 500
    }
    left = [turn for session, turn in begun.items() if session not in ended]
    seen = f"of {len(begun)} sessions {len(left)} were not ended"
    return judged(not left, seen, *(left or begun.values()))


FAMILY = Family(
    title="A user disconnects",
    play=play,
    checks=(
        Check(
            id="disconnect.revokes",
            title="What a user disconnects is revoked at the service",
            severity="SHOULD",
            source=rfc(7009, "2"),
            remedy="Send the refresh token to the revocation endpoint: its grant goes with it.",
            judge=_revoked,
        ),
        Check(
            id="disconnect.forgets",
            title="Who disconnected is not connected any more",
            severity="MUST",
            source=Source("learnt in production: tokens are kept for each user, until they leave"),
            remedy="Delete the user's tokens, also those that wait in a cache.",
            judge=_forgotten,
        ),
        Check(
            id="disconnect.sessions",
            title="Sessions at the service are ended",
            severity="SHOULD",
            source=spec("2025-06-18", "basic/transports", "session-management"),
            remedy="Send DELETE with Mcp-Session-Id when a session is no longer needed.",
            judge=_closed,
        ),
    ),
)
