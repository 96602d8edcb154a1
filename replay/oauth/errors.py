"""Errors of the authorization server, in the profile's words where it has some."""

from collections.abc import Mapping

from wiretape.analysis.profile.values import Answer
from wiretape.replay.http.answers import reply_of
from wiretape.replay.http.messages import Reply, json_reply

_STATUS = {"invalid_client": 401, "temporarily_unavailable": 503}

_LIKE = {"invalid_redirect_uri": "invalid_client_metadata", "invalid_client": "access_denied"}
"""Names that not all services have, and what they say instead."""


class OAuthError(Exception):
    """An error by its name (RFC 6749, 5.2; RFC 7591, 3.2.2), for a client to read."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description

    def reply(self, known: Mapping[str, Answer]) -> Reply:
        """Give the reply: the one that is known, else as the RFCs have it."""
        like = _LIKE.get(self.error, "")
        if self.error in known or like in known:
            reply = reply_of(known[self.error if self.error in known else like])
            return reply.having(("content-type", "application/json")) if reply.body else reply
        said = {"error": self.error, "error_description": self.description}
        return json_reply(_STATUS.get(self.error, 400), said)
