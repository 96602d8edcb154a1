"""The token endpoint is asked too often (RFC 6585, 4)."""

from pydantic import Field

from wiretape.replay.fault import Fault, Options, Strike, at
from wiretape.replay.http.messages import Reply, text


class _Options(Options):
    retry_after: int = Field(30, ge=0, description="seconds that Retry-After tells")


def _before(strike: Strike[_Options]) -> Reply:
    told = ("retry-after", str(strike.options.retry_after))
    return text(429, "Too Many Requests").having(told)


FAULT = Fault(
    about="tokens",
    title="the token endpoint answers 429 with Retry-After",
    finds="clients that try again at once, or take it for a refused token",
    options=_Options,
    concerns=at("token"),
    before=_before,
)
