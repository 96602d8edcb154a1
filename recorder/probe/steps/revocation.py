"""The end of a grant (RFC 7009)."""

from wiretape.recorder.probe.known import Known
from wiretape.recorder.probe.mcp import TRY_REQUESTS, try_token
from wiretape.recorder.probe.oauth import refresh, token_request
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Note, StepError, Walk


def walk(known: Known) -> Walk[None]:
    """Revoke an unknown token, then the grant's own; try its tokens afterwards."""
    tokens, server = known.tokens, known.server
    if tokens is None or server is None:
        raise StepError("there are no tokens")
    url = server.revocation_endpoint
    if url is None:
        yield Note("the authorization server has no revocation endpoint")
        return
    unknown = {"token": "wiretape-probe-unknown-token"}
    yield from token_request(known, "revoke an unknown token", unknown, url)
    hint = "refresh_token" if tokens.refresh else "access_token"
    form = {"token": tokens.refresh or tokens.access, "token_type_hint": hint}
    revoked = yield from token_request(known, "revoke", form, url)
    access = yield from try_token(known, "the access token after it", tokens.access)
    yield Note(f"revoke: {revoked.status}; the access token after it: {access.status}")
    if tokens.refresh is not None:
        again = yield from refresh(known, tokens.refresh, "the refresh token after it")
        yield Note(f"the refresh token after it: {again.status}")


STEP = Step(
    id="revocation",
    title="Revocation of an unknown token and of the grant, and its tokens afterwards",
    position=200,
    walk=walk,
    most=2 + TRY_REQUESTS + 1,
    effect="burns tokens",
    needs=("server", "client", "tokens"),
)
