"""A good token is refused, as if it were none; `times=1` for once."""

from wiretape.replay.fault import GUARDED, Fault, Options, Strike, at
from wiretape.replay.http.bearer import refusal
from wiretape.replay.http.messages import Reply


def _before(strike: Strike[Options]) -> Reply:
    world, ask = strike.world, strike.ask
    return refusal(strike.role, ask.method, "bad token", world.profile, world.origins)


FAULT = Fault(
    about="refusals",
    title="a good token is refused with 401",
    finds="clients that give up, or ask the user again, instead of refreshing once",
    options=Options,
    concerns=at(*GUARDED),
    before=_before,
)
