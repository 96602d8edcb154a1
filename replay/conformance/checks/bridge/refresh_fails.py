"""Refreshes that fail upstream: the bridge gets over it or has the user asked, and never loops."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from wiretape.replay.conformance.check import Check, Family, Source, rfc, spec
from wiretape.replay.conformance.driving.behind import let_expire
from wiretape.replay.conformance.driving.client import Client, client
from wiretape.replay.conformance.evidence import Evidence, Turn, calls
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants, refusals
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_EARLY = "a token that is over early"
_LOST, _ALL_LOST = "an answer that was lost", "answers that are all lost"
_REFRESH, _CALL = "a refused refresh", "a call after a refused refresh"
_ERROR = "a failure upstream"
_TRIES = 3
_BOUND = 3
"""Refreshes upstream that a client's one may lead to, at most."""


async def play(stage: Stage) -> None:
    """Refresh; have tokens end early, answers to refreshes lost, some refused, and one fail."""
    async with client(stage) as user:
        await user.login()
        await user.refresh()
    async with _about_to(stage, _EARLY, session=True) as user:
        await user.call("tools/list")
    async with _about_to(stage, _LOST, "rotation-lost:times=1") as user:
        for _ in range(_TRIES):
            if (await user.refresh()).status_code in {200, 400, 401}:
                break
    async with _about_to(stage, _ALL_LOST, "rotation-lost") as user:
        await user.refresh()
    async with _about_to(stage, _CALL, "invalid-grant", session=True) as user:
        for _ in range(_TRIES):
            await user.call("tools/list")
    async with _about_to(stage, _REFRESH, "invalid-grant") as user:
        await user.refresh()
    async with _about_to(stage, _ERROR, "token-error") as user:
        await user.refresh()
        stage.disarm()
        stage.step(f"after {_ERROR}")
        await user.refresh()


@asynccontextmanager
async def _about_to(
    stage: Stage, step: str, *faults: str, session: bool = False
) -> AsyncIterator[Client]:
    """Give a client that is logged in, when the service's tokens are over and faults are armed."""
    async with client(stage) as user:
        stage.step(f"before {step}")
        await user.login()
        if session:
            await user.begin()
        let_expire(stage)
        for fault in faults:
            stage.arm(fault)
        stage.step(step)
        yield user
        stage.disarm()


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
    return judged(good, seen, *asked, *upstream)


def _all_lost(evidence: Evidence) -> Verdict:
    at = evidence.at(_ALL_LOST)
    upstream = grants.refreshes(at.up)
    for turn in grants.refreshes(at.down):
        if upstream:
            seen = f"a refresh led to {len(upstream)} upstream, whose answers were lost, and was "
            good = len(upstream) <= _BOUND and turn.status != 200
            return judged(good, seen + grants.told(turn), turn, *upstream)
    return untestable("no answer to a refresh was lost")


def _refused(evidence: Evidence) -> Verdict:
    if not grants.refreshes(evidence.at(_REFRESH).up):
        return untestable("no refresh was refused upstream")
    what = "a refresh that is refused upstream"
    return refusals.refused(evidence, _REFRESH, what, "invalid_grant")


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
            source=Source("learnt in production: clients were locked out by a lost answer"),
            remedy="Refresh with the token that there is; at invalid_grant end the grant.",
            judge=_lost,
        ),
        Check(
            id="refresh.no-loop",
            title="A refresh whose answers are lost is not tried without end",
            severity="seed",
            source=Source("learnt in production: a lost answer must not lead to a loop"),
            remedy="Try again once or twice at most; then tell the client to try later.",
            judge=_all_lost,
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
