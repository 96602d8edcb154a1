"""What an old refresh token is worth (RFC 9700, 4.14.2)."""

from wiretape.recorder.probe.known import Known
from wiretape.recorder.probe.mcp import TRY_REQUESTS, try_token
from wiretape.recorder.probe.oauth import refresh, tokens_of
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Note, StepError, Walk


def walk(known: Known) -> Walk[None]:
    """Use a refresh token again, before and after the one that replaced it was first used."""
    first = known.tokens
    if first is None or first.refresh is None:
        raise StepError("there is no refresh token")
    second = tokens_of((yield from refresh(known, first.refresh, "refresh")), first)
    if second is None or second.refresh is None:
        raise StepError("the refresh token was refused at its first use")
    known.tokens = second
    if second.refresh == first.refresh:
        yield Note("refresh tokens are not rotated")
        return
    again = yield from refresh(known, first.refresh, "the old refresh token at once")
    yield Note(f"the old refresh token, the new one not used yet: {again.status}")
    newest = tokens_of(again, second) or second
    third = yield from refresh(known, newest.refresh or "", "the newest refresh token")
    yield Note(f"the newest refresh token after that: {third.status}")
    known.tokens = tokens_of(third, newest) or newest
    late = yield from refresh(known, first.refresh, "the old refresh token, the new one used")
    yield Note(f"the old refresh token, the new one used: {late.status}")
    left = yield from try_token(known, "the newest access token", known.tokens.access)
    yield Note(f"the newest access token after all that: {left.status}")


STEP = Step(
    id="refresh-reuse",
    title="An old refresh token, before and after the new one was used",
    position=190,
    walk=walk,
    most=4 + TRY_REQUESTS,
    effect="burns tokens",
    needs=("server", "client", "refresh token"),
)
