"""The service fails, hangs, or refuses: users are told which one, in time, and others go on."""

import asyncio
import re
from contextlib import AsyncExitStack, suppress
from email.utils import parsedate_to_datetime
from functools import partial

from wiretape.replay.conformance.check import Check, Family, Source, rfc, spec
from wiretape.replay.conformance.driving.behind import text_tool
from wiretape.replay.conformance.driving.person import Person, known_users, person, waited_for
from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants, telling
from wiretape.replay.conformance.terms.due import DUE, due
from wiretape.replay.conformance.terms.endpoint import mentions
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_BUSY, _PAUSE = "429", 30
"""The trouble in which the service tells how many seconds it wants not to be asked."""

_TROUBLES = {
    "slow": "latency:seconds=900,method=tools/call",
    "silent": "accepted-without-answer:method=tools/call",
    "503": "unavailable:method=tools/call",
    _BUSY: f"unavailable:status=429,retry_after={_PAUSE},method=tools/call",
    "400": "unavailable:status=400,method=tools/call",
    "malformed": "malformed-json:method=tools/call",
    "cut": "stream-cut:method=tools/call",
    "reset": "connection-reset:method=tools/call",
}
"""What befalls a user each."""

_SECONDS = re.compile("[0-9]{1,9}")
_DATE = re.compile("[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT")
"""How Retry-After is told (RFC 9110, 10.2.3)."""

_FAILING, _AFTER, _GONE, _BACK = "failing", "after it failed", "not there", "there again"
_REFUSED = "tokens are not issued"
_WELL, _NEW = "well", "new"
"""What the users are called whom nothing befalls; the others by their troubles."""


async def play(stage: Stage) -> None:
    """Have each of some users in trouble of their own; then shut the service; then its tokens."""
    adapters = stage.config.gateway
    assert adapters is not None
    stage.note(DUE, f"{adapters.timeout:g}")
    stage.note(telling.NAME, adapters.service)
    roles = (_WELL, _NEW, *_TROUBLES)
    names = known_users(stage, len(roles))
    tool, argument = text_tool(stage)

    async def call(user: Person, trouble: str) -> None:
        await waited_for(user.call(tool, **{argument: _question(trouble)}), adapters.timeout)

    async with AsyncExitStack() as stack:
        users = {
            known: await stack.enter_async_context(person(stage, name))
            for known, name in zip(roles, names, strict=True)
        }
        for user in users.values():
            user.http.timeout = None
        await asyncio.gather(*(users[known].connect() for known in users if known != _NEW))
        stage.step(_FAILING)
        for trouble, fault in _TROUBLES.items():
            stage.arm(fault, user=users[trouble].name)
        troubled = [call(users[trouble], trouble) for trouble in _TROUBLES]
        await asyncio.gather(*troubled, *(call(users[_WELL], _WELL) for _ in range(3)))
        stage.disarm()
        stage.step(_AFTER)
        again = [call(users[trouble], trouble) for trouble in _TROUBLES]
        await asyncio.gather(*again)
        stage.step(_GONE)
        stage.arm("connection-refused")
        await call(users[_WELL], _GONE)
        stage.disarm()
        stage.step(_BACK)
        await call(users[_WELL], _BACK)
        stage.step("on the way")
        told = await users[_NEW].consent(await users[_NEW].begin())
        stage.step(_REFUSED)
        stage.arm("token-error")
        await waited_for(users[_NEW].finish(told), adapters.timeout)


def _question(trouble: str) -> str:
    return f"who is {trouble}"


def _down(evidence: Evidence, trouble: str) -> list[Turn]:
    return [turn for turn in evidence.down if mentions(turn, _question(trouble))]


def _told(troubles: tuple[str, ...], evidence: Evidence) -> Verdict:
    """Judge the answers to users in these troubles, of whom the service was asked."""
    at, shown = evidence.at(_FAILING), []
    for trouble in troubles:
        upstream = [turn for turn in at.up if mentions(turn, _question(trouble))]
        if not _down(at, trouble) or not upstream:
            return untestable(f"the service was not asked while it was {trouble}")
        for turn in _down(at, trouble):
            wrong = telling.wrong(turn, evidence)
            if wrong is not None:
                return unmet(f"a call was {wrong}; the service was {trouble}", turn, *upstream)
            shown.append(turn)
    return met(f"users are told of a service that is {', '.join(troubles)}", *shown)


def _paused(evidence: Evidence) -> Verdict:
    """Judge what is told of a pause that the service wants: not less, in seconds or as a date.

    A date is held against the one of the answer: clocks may differ.
    """
    at = evidence.at(_FAILING)
    wanted = [turn for turn in at.up if turn.status == 429 and "retry-after" in turn.given]
    for turn in _down(at, _BUSY) if wanted else ():
        told = turn.given.get("retry-after") or "nothing"
        until, now = _date(told), _date(turn.given.get("date") or "")
        seen = f"a call was answered {turn.status}, Retry-After {told}; the service told {_PAUSE}"
        if turn.status not in {429, 503}:
            return unmet(seen, turn, *wanted)
        if until is not None and now is None:
            return untestable(f"{seen}; the answer has no Date", turn, *wanted)
        seconds = int(told) if _SECONDS.fullmatch(told) else None
        if until is not None and now is not None:
            seconds = int(until - now)
            seen = f"{seen}, and the date is {seconds} s after the answer's"
        left = _PAUSE - (turn.seconds or 0) - 1  # parts of seconds may be left out
        return judged(seconds is not None and seconds >= left, seen, turn, *wanted)
    return untestable("the service told nobody when to come back")


def _date(told: str) -> float | None:
    """Give the Unix time of a date as HTTP has it (RFC 9110, 5.6.7); None for what is none."""
    with suppress(ValueError):
        return parsedate_to_datetime(told).timestamp() if _DATE.fullmatch(told) else None
    return None


def _unreachable(evidence: Evidence) -> Verdict:
    for turn in _down(evidence.at(_GONE), _GONE):
        wrong = telling.wrong(turn, evidence)
        seen = f"a call was answered {turn.status}, and names the service" if wrong is None else ""
        return judged(wrong is None, seen or f"a call was {wrong}; the service was not there", turn)
    return untestable("nobody called while the service was not there")


def _others(evidence: Evidence) -> Verdict:
    """Judge that nobody waits until the call ends for which the service takes too long."""
    asked, late = _down(evidence.at(_FAILING), _WELL), _down(evidence.at(_FAILING), "slow")
    if not late:
        return untestable("nobody called a slow service")
    for turn in asked:
        if turn.lines[-1] > late[0].lines[-1]:
            return unmet("a user waited for another user's call to end", turn, late[0])
    return _served(asked, "a call of a user without trouble", evidence)


def _passes(evidence: Evidence) -> Verdict:
    after = evidence.at(_AFTER)
    asked = [turn for trouble in _TROUBLES for turn in _down(after, trouble)]
    asked += _down(evidence.at(_BACK), _BACK)
    if len(asked) <= len(_TROUBLES):
        return untestable(f"{len(asked)} users called after the service had failed")
    return _served(asked, "a call after the service had failed", evidence)


def _served(asked: list[Turn], what: str, evidence: Evidence) -> Verdict:
    for turn in asked:
        if turn.status not in range(200, 300) or (turn.seconds or 0) > due(evidence):
            return unmet(f"{what} was answered {turn.status} after {turn.seconds or 0:.1f} s", turn)
    if not asked:
        return untestable("there was none")
    return met(f"{what} was answered {asked[0].status}", *asked)


def _exchange(evidence: Evidence) -> Verdict:
    at = evidence.at(_REFUSED)
    failed = [turn for turn in grants.requests(at.up) if (turn.status or 0) >= 500]
    if not failed or not at.down:
        return untestable("no exchange failed at the service")
    wrong = telling.wrong(at.down[0], evidence)
    seen = f"a callback was {wrong or 'answered with an error that names the service'}"
    return judged(wrong is None, seen, at.down[0], *failed)


_UNNAMED = Source("learnt in production: errors said neither which service failed, nor of what")

FAMILY = Family(
    title="The service fails",
    play=play,
    seconds=600,
    checks=(
        Check(
            id="failures.timeout",
            title="A service that does not answer is told, by its name, in time",
            severity="MUST",
            source=spec("2025-06-18", "basic/lifecycle", "timeouts"),
            remedy="Set a limit to each request and to all of a call; say which service it was.",
            judge=partial(_told, ("slow",)),
        ),
        Check(
            id="failures.status",
            title="A service that answers 4xx, 429 or 5xx is told, by its name",
            severity="seed",
            source=_UNNAMED,
            remedy="Answer an error with the service's name and its status.",
            judge=partial(_told, ("503", _BUSY, "400")),
        ),
        Check(
            id="failures.retry-after",
            title="When the service wants to be asked again is passed on",
            severity="SHOULD",
            source=rfc(6585, "4"),
            remedy="Answer 429, or 503, with the service's Retry-After.",
            judge=_paused,
        ),
        Check(
            id="failures.broken",
            title="Answers that are broken, or do not come, are told, by the service's name",
            severity="seed",
            source=_UNNAMED,
            remedy="Catch what the client raises, and answer 502 with the service's name.",
            judge=partial(_told, ("silent", "malformed", "cut", "reset")),
        ),
        Check(
            id="failures.unreachable",
            title="A service that cannot be reached is told, by its name, in time",
            severity="seed",
            source=Source("learnt in production: a service that was not there was not named"),
            remedy="Catch errors of connections, and answer 502 with the service's name.",
            judge=_unreachable,
        ),
        Check(
            id="failures.exchange",
            title="An authorization server that fails is told, by the service's name",
            severity="seed",
            source=_UNNAMED,
            remedy="Look at the token endpoint's status, and answer 502 with the service's name.",
            judge=_exchange,
        ),
        Check(
            id="failures.others",
            title="Users are served while the service fails others",
            severity="MUST",
            source=spec("2025-06-18", "basic/lifecycle", "timeouts"),
            remedy="Hold no lock, and block no thread, while the service is waited for.",
            judge=_others,
        ),
        Check(
            id="failures.pass",
            title="When the service is well again, calls work again",
            severity="MUST",
            source=rfc(9110, "15.6"),
            remedy="Keep nothing of a failure; begin anew with the next call.",
            judge=_passes,
        ),
    ),
)
