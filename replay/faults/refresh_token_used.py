"""A refresh is taken for the second use of a token, and its grant ends (RFC 9700, 4.14.2)."""

from wiretape.replay.fault import Fault, Options, Strike
from wiretape.replay.http.messages import Reply, json_reply


def _before(strike: Strike[Options]) -> Reply:
    if strike.grant is not None:
        strike.grant.revoked = True
    said = {"error": "invalid_grant", "error_description": "The refresh token was used already"}
    return json_reply(400, said)


FAULT = Fault(
    about="tokens",
    title="a refresh is taken for the reuse of its token, and all tokens of the grant are revoked",
    finds="clients that go on with the access token, or refresh with older tokens in turn",
    options=Options,
    concerns=lambda strike: strike.entry.operation == "refresh_token",
    before=_before,
)
