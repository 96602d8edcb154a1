"""The refresh of tokens (RFC 6749, 6), at once after the grant."""

from wiretape.recorder.probe import results
from wiretape.recorder.probe.known import Known, Tokens
from wiretape.recorder.probe.mcp import TRY_REQUESTS, try_token
from wiretape.recorder.probe.oauth import issued, refresh, tokens_of, told
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Answer, Note, StepError, Walk


def walk(known: Known) -> Walk[None]:
    """Refresh, then try the new access token and the one before."""
    before = known.tokens
    if before is None or before.refresh is None:
        raise StepError("there is no refresh token")
    answer = yield from refresh(known, before.refresh, "refresh")
    renewed = tokens_of(answer, before)
    known.lifecycle.refresh = refreshed(answer, before, renewed)
    if renewed is None:
        raise StepError(f"the refresh was answered {answer.status}")
    known.tokens = renewed
    rotated = "rotated" if renewed.refresh != before.refresh else "the same as before"
    yield Note(f"{told(renewed)}, {rotated}")
    yield from try_token(known, "the new access token", renewed.access)
    old = yield from try_token(known, "the access token before the refresh", before.access)
    known.lifecycle.refresh = refreshed(answer, before, renewed, old)
    yield Note(f"the access token before it: {old.status}")


def refreshed(
    answer: Answer, before: Tokens, renewed: Tokens | None, old: Answer | None = None
) -> results.Refreshed:
    """Describe a refresh, and what it meant to the access token before it."""
    after = (answer.at - before.at).total_seconds()
    if renewed is None:
        return results.Refreshed(issued=issued(answer, None), seconds_after_grant=after)
    return results.Refreshed(
        issued=issued(answer, renewed),
        seconds_after_grant=after,
        rotated=renewed.refresh != before.refresh,
        kept_segments=results.kept_segments(before.access, renewed.access),
        scope_kept=renewed.scope == before.scope,
        old_access_token_accepted=None if old is None else old.ok,
    )


STEP = Step(
    id="refresh",
    title="The refresh of the tokens at once, and the access token before it",
    position=170,
    walk=walk,
    most=1 + 2 * TRY_REQUESTS,
    effect="burns tokens",
    needs=("server", "client", "refresh token"),
)
