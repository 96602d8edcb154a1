"""The authorization endpoint fails, and sends nobody back."""

from pydantic import Field

from wiretape.replay.fault import Fault, Options, Strike, at
from wiretape.replay.http.messages import Reply, text


class _Options(Options):
    status: int = Field(500, ge=400, le=599, description="the status")


def _before(strike: Strike[_Options]) -> Reply:
    return text(strike.options.status, "Internal Server Error")


FAULT = Fault(
    about="authorization",
    title="the authorization endpoint answers 500",
    finds="clients that wait for a callback without end",
    options=_Options,
    concerns=at("authorization"),
    before=_before,
)
