"""Answers come later: always as much, or as chance has it."""

from math import log
from typing import Literal

from pydantic import Field

from wiretape.replay.fault import Fault, Options, Strike


class _Options(Options):
    distribution: Literal["fixed", "uniform", "lognormal"] = Field(
        "fixed", description="fixed, uniform or lognormal"
    )
    seconds: float = Field(
        1, gt=0, description="how much later; the mean if uniform, the median if lognormal"
    )
    spread: float = Field(
        0.5, ge=0, le=1, description="uniform: the most it differs, as a share; lognormal: sigma"
    )


def _late(strike: Strike[_Options]) -> float:
    chosen = strike.options
    match chosen.distribution:
        case "uniform":
            return chosen.seconds * strike.dice.uniform(1 - chosen.spread, 1 + chosen.spread)
        case "lognormal":
            return strike.dice.lognormvariate(log(chosen.seconds), chosen.spread)
    return chosen.seconds


FAULT = Fault(
    about="transport",
    title="answers come later; on a stream, later ones may overtake them",
    finds="clients with timeouts that are too short, or that expect answers in order",
    options=_Options,
    late=_late,
)
