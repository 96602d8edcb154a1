"""The token endpoint fails."""

from pydantic import Field

from wiretape.replay.fault import Fault, Options, Strike, at
from wiretape.replay.http.messages import Reply, text


class _Options(Options):
    status: int = Field(500, ge=500, le=599, description="the status")


def _before(strike: Strike[_Options]) -> Reply:
    return text(strike.options.status, "Internal Server Error")


FAULT = Fault(
    about="tokens",
    title="the token endpoint answers 500",
    finds="clients that throw their tokens away at a fault that passes",
    options=_Options,
    concerns=at("token"),
    before=_before,
)
