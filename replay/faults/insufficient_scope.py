"""A token is good, but not for this (RFC 6750, 3.1): the client is to ask for more."""

from pydantic import Field

from wiretape.recorder.wire.challenge import Challenge, ChallengeError, parse, serialised
from wiretape.replay.fault import Fault, Options, Strike, calls
from wiretape.replay.http.bearer import refusal, token
from wiretape.replay.http.messages import Reply, json_reply

_ERROR = "insufficient_scope"
_KEPT = ("realm", "resource_metadata")


class _Options(Options):
    scope: str = Field("admin", description="the scope that is needed")


def _concerns(strike: Strike[_Options]) -> bool:
    known = strike.world.state.lineages.access(token(strike.ask) or "")
    held = "" if known is None else known.scope or ""
    return calls(strike) and not {*strike.options.scope.split()} <= {*held.split()}


def _before(strike: Strike[_Options]) -> Reply:
    needed = strike.options.scope
    told = (*_usual(strike), ("error", _ERROR), ("scope", needed))
    challenge = serialised([Challenge("Bearer", params=told)])
    said = {"error": _ERROR, "error_description": f"The scope {needed} is needed"}
    return json_reply(403, said, ("www-authenticate", challenge))


def _usual(strike: Strike[_Options]) -> tuple[tuple[str, str], ...]:
    """Give what the service's challenges tell besides."""
    world, method = strike.world, strike.ask.method
    known = refusal(strike.role, method, "bad token", world.profile, world.origins)
    try:
        found = parse([known.header("www-authenticate") or ""])
    except ChallengeError:
        return ()
    return tuple(pair for each in found for pair in each.params if pair[0] in _KEPT)


FAULT = Fault(
    about="refusals",
    title="calls need a scope that the token lacks: 403 insufficient_scope",
    finds="clients that do not step up their authorization, or take 403 for the end",
    options=_Options,
    concerns=_concerns,
    before=_before,
)
