"""Many at once need new tokens: the service behind is asked once, as it answers no second time."""

import asyncio

from wiretape.replay.conformance.check import Check, Family, Source
from wiretape.replay.conformance.driving.behind import let_expire
from wiretape.replay.conformance.driving.client import client
from wiretape.replay.conformance.evidence import Evidence, calls
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants
from wiretape.replay.conformance.verdict import Verdict, met, unmet, untestable

_MANY = 10
_SLOWLY = 0.2
"""Seconds that a refresh upstream takes, so that all ask before the first has its answer."""

_REFRESHES, _CALLS = "refreshes at once", "calls at once"


async def play(stage: Stage) -> None:
    """Refresh many times at once, and call many times at once after the service's tokens ended."""
    stage.arm("token-slow", seconds=_SLOWLY, method="refresh_token")
    async with client(stage) as user:
        await user.login()
        let_expire(stage)
        stage.step(_REFRESHES)
        await asyncio.gather(*(user.refresh() for _ in range(_MANY)))
    async with client(stage) as user:
        stage.step("a session")
        await user.login()
        await user.begin()
        let_expire(stage)
        stage.step(_CALLS)
        await asyncio.gather(*(user.call("tools/list") for _ in range(_MANY)))


def _refreshes(evidence: Evidence) -> Verdict:
    asked = grants.refreshes(evidence.at(_REFRESHES).down)
    good = [turn for turn in asked if turn.status == 200]
    return _once(_REFRESHES, evidence, len(asked), len(good))


def _calls(evidence: Evidence) -> Verdict:
    asked = calls(evidence.at(_CALLS).down, "tools/list")
    good = [turn for turn in asked if turn.results or turn.status == 401]
    return _once(_CALLS, evidence, len(asked), len(good))


def _once(step: str, evidence: Evidence, asked: int, good: int) -> Verdict:
    """Judge that the service was asked once at most, and that it was of use to somebody."""
    upstream = grants.refreshes(evidence.at(step).up)
    if asked < _MANY:
        return untestable(f"there were {asked} {step}, not {_MANY}")
    seen = f"{asked} {step} led to {len(upstream)} upstream, and {good} were answered well"
    return unmet(seen, *upstream) if len(upstream) > 1 or not good else met(seen, *upstream)


FAMILY = Family(
    title="Refreshes at once",
    play=play,
    checks=(
        Check(
            id="refresh.at-once",
            title="Of many refreshes at once, one goes upstream",
            severity="seed",
            source=Source("learnt in production: concurrent refreshes spent a token twice"),
            remedy="Take a lock for each grant; who waited uses what the first one got.",
            judge=_refreshes,
        ),
        Check(
            id="refresh.calls-at-once",
            title="Of many calls with a token that is over upstream, one refreshes",
            severity="seed",
            source=Source("learnt in production: concurrent refreshes spent a token twice"),
            remedy="Take the same lock for refreshes that a 401 leads to.",
            judge=_calls,
        ),
    ),
)
