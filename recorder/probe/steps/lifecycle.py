"""How long an access token lives: called just before and just after its end."""

from datetime import datetime, timedelta

from wiretape.recorder.probe import results
from wiretape.recorder.probe.known import Known, Session
from wiretape.recorder.probe.mcp import CONNECT_REQUESTS, call, connect, leave
from wiretape.recorder.probe.oauth import refresh, tokens_of
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.steps.refresh import refreshed
from wiretape.recorder.probe.talk import Answer, Note, StepError, Wait, Walk

_AFTER = (2.0, 15.0, 60.0)
"""Seconds after the end at which the token is tried, until it is refused."""


def walk(known: Known) -> Walk[None]:
    """Call with the fresh token, before its end and after it, then refresh if that is allowed."""
    tokens = known.tokens
    if tokens is None or tokens.end is None or tokens.lifetime is None:
        raise StepError("the token answer has no expires_in")
    if tokens.lifetime > known.target.max_wait:
        raise StepError(
            f"the token lives {tokens.lifetime:g} s, longer than --max-wait"
            f" {known.target.max_wait:g} s"
        )
    life, end = known.lifecycle, tokens.end
    life.expires_at = end
    session = yield from connect(known)
    fresh = yield from _try(known, session, "the fresh token", end)
    if not fresh.ok:
        raise StepError(f"even the fresh token was answered {fresh.status}")
    yield from leave(known, session, "DELETE the first session")

    early = end - timedelta(seconds=min(10.0, tokens.lifetime / 4))
    yield Wait(early, "until just before the token's end")
    session = yield from connect(known)
    yield from _try(known, session, "just before the end", end)
    yield from _until_refused(known, session, end)
    _bounds(life, tokens.at)
    yield Note(f"observed lifetime: at least {life.at_least} s, less than {life.less_than} s")
    if known.target.active and tokens.refresh is not None:
        answer = yield from refresh(known, tokens.refresh, "refresh after the end")
        renewed = tokens_of(answer, tokens)
        life.refresh_after_expiry = refreshed(answer, tokens, renewed)
        known.tokens = renewed or tokens
    yield from leave(known, session, "DELETE the second session")


def _until_refused(known: Known, session: Session, end: datetime) -> Walk[None]:
    for seconds in _AFTER:
        yield Wait(end + timedelta(seconds=seconds), f"until {seconds:g} s after the token's end")
        answer = yield from _try(known, session, f"{seconds:g} s after the end", end)
        if not answer.ok:
            return


def _try(known: Known, session: Session, label: str, end: datetime) -> Walk[Answer]:
    heard = yield from call(known, session, label, "tools/list")
    known.lifecycle.checks.append(results.check(label, heard.answer, end))
    yield Note(f"{label}: {heard}")
    return heard.answer


def _bounds(life: results.Lifecycle, issued: datetime) -> None:
    """Bound the lifetime by the last success and the first refusal after it."""
    for check in life.checks:
        age = (check.at - issued).total_seconds()
        if check.accepted:
            life.at_least = age
        elif check.status == 401 and life.less_than is None:
            life.less_than = age


STEP = Step(
    id="lifecycle",
    title="The token's whole life: called just before and just after it expires",
    position=180,
    walk=walk,
    most=2 * (CONNECT_REQUESTS + 1) + 2 + len(_AFTER) + 1,
    needs=("tokens", "credentials"),
    only_with="--lifecycle",
)
