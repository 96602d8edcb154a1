"""No client is registered (RFC 7591, 3.2.2)."""

from wiretape.replay.fault import Fault, Options, Strike, at
from wiretape.replay.http.messages import Reply
from wiretape.replay.oauth.errors import OAuthError


def _before(strike: Strike[Options]) -> Reply:
    refused = OAuthError("invalid_client_metadata", "This client is not taken")
    return refused.reply(strike.world.profile.registration.error)


FAULT = Fault(
    about="discovery",
    title="registration is refused with invalid_client_metadata",
    finds="clients that cannot be given a client id, or register again and again",
    options=Options,
    concerns=at("registration"),
    before=_before,
)
