"""The server starts anew, and has forgotten everybody."""

from wiretape.replay.fault import Fault, Options, Strike


def _before(strike: Strike[Options]) -> None:
    strike.world.restart()


FAULT = Fault(
    about="transport",
    title="just before a request all tokens, clients and sessions are lost; once, or times=N",
    finds="clients that do not register and authorize again",
    options=Options,
    times=1,
    before=_before,
)
