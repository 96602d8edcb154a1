"""A refresh token that is refused for good: the user is told, and the service left alone."""

from wiretape.replay.conformance.check import Check, Family, Source, rfc
from wiretape.replay.conformance.driving.behind import let_expire
from wiretape.replay.conformance.driving.person import known_users, person
from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_REFUSED, _ANEW = "a refused refresh", "connected anew"
_WHERE = "where users connect"
_CALLS = 5
_ENOUGH = 2
"""Refreshes in all those calls: one, and one more for who makes sure."""

_SAID = ("connect", "authori", "log in", "login", "sign in", "consent")
"""How a user is told to connect again; in small letters."""


async def play(stage: Stage) -> None:
    """Have refreshes refused with invalid_grant while a user calls; then connect anew."""
    (name,) = known_users(stage, 1)
    async with person(stage, name) as ada:
        stage.note(_WHERE, ada.connects_at)
        await ada.connect()
        tool = ada.listed(await ada.tools())[0]
        let_expire(stage)
        stage.arm("invalid-grant")
        stage.step(_REFUSED)
        for _ in range(_CALLS):
            await ada.call(tool)
        stage.disarm()
        stage.step("connecting")
        await ada.connect()
        stage.step(_ANEW)
        await ada.call(tool)


def _answers(evidence: Evidence) -> list[Turn]:
    """Give what was answered from the first refused refresh on."""
    at = evidence.at(_REFUSED)
    return list(at.down) if any(grants.error(turn) for turn in grants.refreshes(at.up)) else []


def _told(evidence: Evidence) -> Verdict:
    asked = _answers(evidence)
    for turn in asked:
        words = f"{turn.text} {turn.location or ''}".lower()
        seen = f"a call without a refresh token that works was answered {turn.status}"
        if turn.status not in range(300, 500):
            return unmet(seen, turn)
        if not any(word in words for word in _SAID):
            return unmet(f"{seen}, which does not say to connect again", turn)
    if not asked:
        return untestable("no refresh was refused")
    return met(f"{len(asked)} calls were answered that the user is to connect again", *asked[:2])


def _where(evidence: Evidence) -> Verdict:
    asked, known = _answers(evidence), evidence.noted(_WHERE)
    if not asked or not known:
        return untestable("no refresh was refused")
    turn = asked[0]
    words = f"{turn.text} {turn.location or ''} {turn.given.get('link') or ''}"
    said = "says" if known[0] in words else "does not say"
    return judged(known[0] in words, f"the answer {said} that it is at {known[0]}", turn)


def _quiet(evidence: Evidence) -> Verdict:
    if not _answers(evidence):
        return untestable("no refresh was refused")
    asked = grants.refreshes(evidence.at(_REFUSED).up)
    seen = f"{_CALLS} calls led to {len(asked)} refreshes that were refused"
    return judged(len(asked) <= _ENOUGH, seen, *asked)


def _anew(evidence: Evidence) -> Verdict:
    for turn in evidence.at(_ANEW).down:
        good = turn.status in range(200, 300)
        return judged(good, f"a call was answered {turn.status}", turn)
    return untestable("the user did not get that far")


FAMILY = Family(
    title="A refresh token that is refused",
    play=play,
    checks=(
        Check(
            id="reconnect.told",
            title="A user whose refresh token is refused is told to connect again",
            severity="seed",
            source=Source("learnt in production: users saw the service fail, and could do nothing"),
            remedy="Answer 4xx that says so as soon as a refresh gives invalid_grant.",
            judge=_told,
        ),
        Check(
            id="reconnect.where",
            title="The user is told where to connect again",
            severity="SHOULD",
            source=Source("learnt in production: users saw the service fail, and could do nothing"),
            remedy="Add the path of the connect route to the answer.",
            judge=_where,
        ),
        Check(
            id="reconnect.quiet",
            title="A refresh token that was refused is not sent again and again",
            severity="MUST",
            source=rfc(6749, "5.2"),
            remedy="Forget the refresh token at invalid_grant.",
            judge=_quiet,
        ),
        Check(
            id="reconnect.works",
            title="Who connects again is served again",
            severity="MUST",
            source=rfc(6749, "4.1"),
            remedy="Replace all that is stored of a user when they connect.",
            judge=_anew,
        ),
    ),
)
