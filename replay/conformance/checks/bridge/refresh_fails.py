"""Refreshes that fail upstream: the bridge gets over it or has the user asked, and never loops."""

from wiretape.replay.conformance import grants
from wiretape.replay.conformance.check import Check, Family, Source, rfc, spec
from wiretape.replay.conformance.driving.behind import let_expire
from wiretape.replay.conformance.driving.client import Client, client
from wiretape.replay.conformance.evidence import Evidence, Turn, calls
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_EARLY = "a token that is over early"
_LOST = "an answer that was lost"
_REFRESH, _CALL = "a refused refresh", "a call after a refused refresh"
_ERROR = "a failure upstream"
_TRIES = 3


async def play(stage: Stage) -> None:
    """Have tokens end early, lose the answer to a refresh, have one refused, and one fail."""
    async with client(stage) as user:
        await _session(stage, user)
        let_expire(stage)
        stage.step(_EARLY)
        await user.call("tools/list")
    async with client(stage) as user:
        stage.step("a login")
        await user.login()
        let_expire(stage)
        stage.arm("rotation-lost", times=1)
        stage.step(_LOST)
        for _ in range(_TRIES):
            if (await user.refresh()).status_code in {200, 400, 401}:
                break
        stage.disarm()
    async with client(stage) as user:
        await _session(stage, user)
        let_expire(stage)
        stage.arm("invalid-grant")
        stage.step(_CALL)
        for _ in range(_TRIES):
            await user.call("tools/list")
        stage.disarm()
    async with client(stage) as user:
        stage.step("a login")
        await user.login()
        let_expire(stage)
        stage.arm("invalid-grant")
        stage.step(_REFRESH)
        await user.refresh()
        stage.disarm()
    async with client(stage) as user:
        stage.step("a login")
        await user.login()
        let_expire(stage)
        stage.arm("token-error")
        stage.step(_ERROR)
        await user.refresh()
        stage.disarm()
        stage.step(f"after {_ERROR}")
        await user.refresh()


async def _session(stage: Stage, user: Client) -> None:
    stage.step("a session")
    await user.login()
    await user.begin()


def _early(evidence: Evidence) -> Verdict:
    """Judge that a call goes through after one refresh, or is refused so that clients refresh."""
    at = evidence.at(_EARLY)
    for turn in calls(at.down, "tools/list"):
        asked = grants.refreshes(at.up)
        good = bool(turn.results) or _asks_for_login(turn)
        seen = f"a call was {_answered(turn)} after {len(asked)} refreshes upstream"
        return judged(good and len(asked) <= 1, seen, turn, *asked)
    return untestable(f"there was no call with {_EARLY}")


def _lost(evidence: Evidence) -> Verdict:
    at = evidence.at(_LOST)
    asked, upstream = grants.refreshes(at.down), grants.refreshes(at.up)
    if not asked or not upstream:
        return untestable("no answer to a refresh was lost")
    last = asked[-1]
    good = last.status == 200 or grants.error(last) == "invalid_grant"
    seen = f"after a lost answer, refresh {len(asked)} was {grants.told(last)}"
    seen += f"; upstream there were {len(upstream)}"
    return judged(good and len(upstream) <= 2 * len(asked), seen, *asked, *upstream)


def _refused(evidence: Evidence) -> Verdict:
    if not grants.refreshes(evidence.at(_REFRESH).up):
        return untestable("no refresh was refused upstream")
    what = "a refresh that is refused upstream"
    return grants.refused(evidence.at(_REFRESH).down, what, "invalid_grant")


def _called(evidence: Evidence) -> Verdict:
    at = evidence.at(_CALL)
    asked, upstream = calls(at.down, "tools/list"), grants.refreshes(at.up)
    if not asked or not upstream:
        return untestable("there was no call that needed a refresh")
    last = asked[-1]
    seen = f"call {len(asked)} after a refused refresh was {_answered(last)}"
    return judged(_asks_for_login(last), seen, last, upstream[0])


def _storm(evidence: Evidence) -> Verdict:
    """Judge that no request of a client leads to more than one refresh that is refused."""
    at = evidence.at(_CALL, _REFRESH)
    asked = [*calls(at.down, "tools/list"), *grants.refreshes(at.down)]
    upstream = grants.refreshes(at.up)
    if not upstream:
        return untestable("no refresh was refused upstream")
    seen = f"{len(asked)} requests of clients led to {len(upstream)} refused refreshes upstream"
    return judged(len(upstream) <= len(asked), seen, *upstream)


def _kept(evidence: Evidence) -> Verdict:
    failed = grants.refreshes(evidence.at(_ERROR).down)
    for turn in grants.refreshes(evidence.at(f"after {_ERROR}").down):
        seen = f"a refresh, after one that failed upstream, was {grants.told(turn)}"
        return met(seen, *failed, turn) if turn.status == 200 else unmet(seen, *failed, turn)
    return untestable("there was no refresh after one that failed")


def _asks_for_login(turn: Turn) -> bool:
    """Tell whether clients then obtain other tokens (RFC 6750, 3)."""
    schemes = {each.scheme.lower() for each in turn.challenges}
    return turn.status == 401 and "bearer" in schemes


def _answered(turn: Turn) -> str:
    if turn.results:
        return "answered with a result"
    failed = "a JSON-RPC error" if turn.failures else "nothing of use"
    return grants.told(turn) if turn.status != 200 else f"answered with {failed}"


FAMILY = Family(
    title="Refreshes that fail upstream",
    play=play,
    checks=(
        Check(
            id="refresh.early",
            title="A token that is over early upstream is renewed once, or the client is told",
            severity="seed",
            source=Source("learnt in production: users had to log in again after 55 minutes"),
            remedy="At a 401 upstream refresh once and call again; else answer 401.",
            judge=_early,
        ),
        Check(
            id="refresh.lost-answer",
            title="After the answer to a refresh was lost, the bridge recovers or gives up",
            severity="seed",
            source=Source("learnt in production: a lost answer must not lead to a loop"),
            remedy="Refresh with the token that there is; at invalid_grant end the grant.",
            judge=_lost,
        ),
        Check(
            id="refresh.refused",
            title="A refresh that is refused upstream is refused with invalid_grant",
            severity="MUST",
            source=rfc(6749, "5.2"),
            remedy="Answer invalid_grant: clients authorize again, while an error makes them wait.",
            judge=_refused,
        ),
        Check(
            id="refresh.challenge",
            title="After a refused refresh, calls are answered 401 with a challenge",
            severity="MUST",
            source=spec("2025-06-18", "basic/authorization", "token-handling"),
            remedy="End the grant, and answer 401 with WWW-Authenticate: Bearer.",
            judge=_called,
        ),
        Check(
            id="refresh.no-storm",
            title="A refused refresh is not tried again and again",
            severity="seed",
            source=Source("learnt in production: refused refreshes were repeated without end"),
            remedy="Take invalid_grant as final; never repeat the request.",
            judge=_storm,
        ),
        Check(
            id="refresh.failure-passes",
            title="A refresh works again after one that failed upstream",
            severity="seed",
            source=Source("learnt in production: tokens were thrown away at a fault that passed"),
            remedy="Keep the grant at a 5xx or a lost connection; end it at invalid_grant only.",
            judge=_kept,
        ),
    ),
)
