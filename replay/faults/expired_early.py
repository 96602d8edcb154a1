"""Tokens are refused before their time."""

from pydantic import Field

from wiretape.replay.fault import GUARDED, Fault, Options, Strike, at
from wiretape.replay.http.bearer import refusal, token
from wiretape.replay.http.messages import Reply


class _Options(Options):
    after: float = Field(60, ge=0, description="seconds for which a token is good")


def _concerns(strike: Strike[_Options]) -> bool:
    known = strike.world.state.lineages.access(token(strike.ask) or "")
    over = known is not None and strike.entry.at >= known.issued + strike.options.after
    return over and at(*GUARDED)(strike)


def _before(strike: Strike[_Options]) -> Reply:
    world, method = strike.world, strike.ask.method
    return refusal(strike.role, method, "expired token", world.profile, world.origins)


FAULT = Fault(
    about="refusals",
    title="tokens expire earlier than their expires_in says",
    finds="clients that refresh by the clock only, not when they are refused",
    options=_Options,
    concerns=_concerns,
    before=_before,
)
