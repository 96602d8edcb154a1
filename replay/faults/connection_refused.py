"""No connection is taken, until the fault is disarmed."""

from wiretape.replay.fault import Fault, Options
from wiretape.replay.world import World


def _armed(world: World) -> None:
    world.gate.shut()


def _disarmed(world: World) -> None:
    world.gate.open()


FAULT = Fault(
    about="transport",
    title="connections are refused, and open ones are gone",
    finds="clients that do not name the service that cannot be reached, or never come back",
    options=Options,
    concerns=lambda _strike: False,
    armed=_armed,
    disarmed=_disarmed,
)
