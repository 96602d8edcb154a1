"""The token endpoint takes its time."""

from pydantic import Field

from wiretape.replay.fault import Fault, Options, Strike, at


class _Options(Options):
    seconds: float = Field(60, gt=0, description="how long it takes")


def _late(strike: Strike[_Options]) -> float:
    return strike.options.seconds


FAULT = Fault(
    about="tokens",
    title="the token endpoint answers, but late",
    finds="clients that refresh a second time meanwhile, and spend the token twice",
    options=_Options,
    concerns=at("token"),
    late=_late,
)
