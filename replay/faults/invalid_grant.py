"""A refresh is refused, though the token is good."""

from wiretape.replay.fault import Fault, Options, Strike
from wiretape.replay.http.messages import Reply
from wiretape.replay.oauth.errors import OAuthError


def _before(strike: Strike[Options]) -> Reply:
    refused = OAuthError("invalid_grant", "Invalid refresh token")
    return refused.reply(strike.world.profile.token.error)


FAULT = Fault(
    about="tokens",
    title="a refresh is refused with invalid_grant",
    finds="clients that refresh for ever, instead of asking the user again",
    options=Options,
    concerns=lambda strike: strike.entry.operation == "refresh_token",
    before=_before,
)
