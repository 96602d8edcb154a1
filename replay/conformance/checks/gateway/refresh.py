"""Tokens that are over: refreshed when a call needs it, once, with the newest refresh token."""

import asyncio

from wiretape.replay.conformance.check import Check, Family, Source, rfc
from wiretape.replay.conformance.driving.behind import let_expire
from wiretape.replay.conformance.driving.person import Person, known_users, person
from wiretape.replay.conformance.evidence import Evidence, Turn, calls
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants
from wiretape.replay.conformance.terms.endpoint import media_type_sent
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_ROUNDS = ("a first time", "a second time", "a third time")
_EARLY, _AT_ONCE, _FAILED, _AGAIN = "refused early", "calls at once", "a failure", "after a failure"
_RESTARTED, _OVER = "after a restart", "over after a restart"
_MANY = 20
_SLOWLY = 0.2
"""Seconds that a refresh takes, so that all ask before the first has its answer."""


async def play(stage: Stage) -> None:
    """Call with tokens that are over: thrice, refused early, at once, at a fault, restarted."""
    (name,) = known_users(stage, 1)
    async with person(stage, name) as ada:
        await ada.connect()
        tool = ada.listed(await ada.tools())[0]
        for step in _ROUNDS:
            let_expire(stage)
            stage.step(step)
            await ada.call(tool)
        stage.step(_EARLY)
        stage.arm("unauthorized", times=1, method="tools/call")
        await ada.call(tool)
        stage.disarm()
        await _at_once(stage, ada, tool)
        let_expire(stage)
        stage.step(_FAILED)
        stage.arm("token-error")
        await ada.call(tool)
        stage.disarm()
        stage.step(_AGAIN)
        await ada.call(tool)
        if stage.target.restartable:
            stage.step("a restart")
            await stage.target.restart()
            stage.step(_RESTARTED)
            await ada.call(tool)
            let_expire(stage)
            stage.step(_OVER)
            await ada.call(tool)


async def _at_once(stage: Stage, user: Person, tool: str) -> None:
    let_expire(stage)
    stage.arm("token-slow", seconds=_SLOWLY, method="refresh_token")
    stage.step(_AT_ONCE)
    await asyncio.gather(*(user.call(tool) for _ in range(_MANY)))
    stage.disarm()


def _works(evidence: Evidence) -> Verdict:
    return _served(evidence, _ROUNDS, "a call whose token was over")


def _early(evidence: Evidence) -> Verdict:
    return _served(evidence, (_EARLY,), "a call whose token was refused before its time")


def _kept(evidence: Evidence) -> Verdict:
    if not any((turn.status or 0) >= 500 for turn in grants.refreshes(evidence.at(_FAILED).up)):
        return untestable("no refresh failed at the service")
    return _served(evidence, (_AGAIN,), "a call after a refresh had failed with 5xx")


def _restarted(evidence: Evidence) -> Verdict:
    return _served(evidence, (_RESTARTED, _OVER), "a call after a restart")


def _served(evidence: Evidence, steps: tuple[str, ...], what: str) -> Verdict:
    if _is_unnoticed(evidence.at(*steps)):
        return untestable("the service says only in a tool's result that a token is over")
    shown: list[Turn] = []
    for step in steps:
        asked = evidence.at(step).down
        if not asked:
            return untestable(f"there was no call {step}")
        shown += asked
    for turn in shown:
        if turn.status not in range(200, 300):
            return unmet(f"{what} was {grants.told(turn)}", turn)
    return met(f"{what} was answered {shown[-1].status}", *shown)


def _is_unnoticed(evidence: Evidence) -> bool:
    """Tell whether tools failed, and nothing was refreshed."""
    results = [each for turn in calls(evidence.up, "tools/call") for each in turn.results]
    failed = any(each.get("isError") is True for each in results)
    return failed and not grants.refreshes(evidence.up)


def _once(evidence: Evidence) -> Verdict:
    """Judge refreshes, not speed: that calls take too long is for others to judge."""
    at = evidence.at(_AT_ONCE)
    asked, refreshes = at.down, grants.refreshes(at.up)
    if len(asked) < _MANY or not refreshes:
        return untestable(f"{len(asked)} calls led to {len(refreshes)} refreshes")
    good = [turn for turn in asked if turn.status in range(200, 300)]
    refused = [turn for turn in asked if turn.status in range(400, 500)]
    seen = f"{len(asked)} calls at once led to {len(refreshes)} refreshes"
    if refused:
        return unmet(f"{seen}, and one was {grants.told(refused[0])}", refused[0], *refreshes)
    seen = f"{seen}; {len(good)} were served"
    return judged(len(refreshes) == 1 and bool(good), seen, *refreshes)


def _newest(evidence: Evidence) -> Verdict:
    """Judge that each refresh comes with the newest refresh token; one not replaced stays."""
    newest: str | None = None
    asked = []
    for turn in grants.requests(evidence.up):
        if grants.kind(turn) == "refresh_token":
            asked.append(turn)
            if newest is not None and turn.parameters.get("refresh_token") != newest:
                return unmet("a refresh came with a token that was replaced", *asked[-2:])
        newest = grants.token(turn, "refresh_token") or newest
    if len(asked) < len(_ROUNDS):
        return untestable(f"there were {len(asked)} refreshes")
    return met(f"{len(asked)} refreshes came with the newest refresh token each", *asked)


def _form(evidence: Evidence) -> Verdict:
    asked = grants.refreshes(evidence.up)
    for turn in asked:
        kind = media_type_sent(turn)
        if kind != "application/x-www-form-urlencoded":
            return unmet(f"a refresh was asked for by {kind or 'nothing that has a type'}", turn)
    if not asked:
        return untestable("there was no refresh")
    return met(f"{len(asked)} refreshes are forms", *asked[:1])


FAMILY = Family(
    title="Tokens that are over",
    play=play,
    checks=(
        Check(
            id="refresh.works",
            title="A user's token that is over is refreshed, time and again",
            severity="MUST",
            source=rfc(6749, "1.5"),
            remedy="Refresh before a token is over, or at a 401; then ask the service again.",
            judge=_works,
        ),
        Check(
            id="refresh.early",
            title="A token that is refused before its time is refreshed, too",
            severity="SHOULD",
            source=rfc(6750, "3.1"),
            remedy="Refresh at a 401 whatever the clock says; ask again once.",
            judge=_early,
        ),
        Check(
            id="refresh.rotation-stored",
            title="Each refresh comes with the newest refresh token",
            severity="seed",
            source=Source("learnt in production: a rotated refresh token was not stored"),
            remedy="Replace the stored refresh token at every answer that has a new one.",
            judge=_newest,
        ),
        Check(
            id="refresh.at-once",
            title="Of many calls of a user at once, one refreshes",
            severity="seed",
            source=Source("learnt in production: concurrent refreshes spent a token twice"),
            remedy="Lock a user's tokens while they are refreshed; who waited uses the new ones.",
            judge=_once,
        ),
        Check(
            id="refresh.form",
            title="A refresh is a form",
            severity="MUST",
            source=rfc(6749, "6"),
            remedy="Send application/x-www-form-urlencoded, not JSON.",
            judge=_form,
            anywhere=True,
        ),
        Check(
            id="refresh.failure-passes",
            title="A refresh that fails with 5xx costs nobody their connection",
            severity="MUST",
            source=rfc(9110, "15.6"),
            remedy="Forget tokens at invalid_grant only; at 5xx say so, and try at the next call.",
            judge=_kept,
        ),
        Check(
            id="refresh.restart",
            title="Connections outlive a restart",
            severity="seed",
            source=Source("learnt in production: tokens belong in the database, for each user"),
            remedy="Store access and refresh tokens, encrypted, at once when they are issued.",
            judge=_restarted,
        ),
    ),
)
