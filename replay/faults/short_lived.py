"""Access tokens live for a short time only, as the answer says; a JWT's own claims do not."""

from pydantic import Field

from wiretape.replay.fault import Fault, Options, Strike, at
from wiretape.replay.http.messages import Reply, encoded


class _Options(Options):
    seconds: int = Field(60, ge=1, description="how long they live")


def _after(strike: Strike[_Options], reply: Reply) -> Reply:
    told = reply.told
    known = strike.world.state.lineages.access(str(told["access_token"]))
    if known is not None:
        known.ends = known.issued + strike.options.seconds
    return reply.saying(encoded(told | {"expires_in": strike.options.seconds}))


FAULT = Fault(
    about="tokens",
    title="access tokens live shorter than usual, and expires_in says so",
    finds="clients that count on a usual lifetime, or refresh in a loop when it is shorter",
    options=_Options,
    concerns=at("token"),
    only=lambda reply: "access_token" in reply.told,
    after=_after,
)
