"""A refusal does not say what was wrong with the token."""

from msgspec.structs import replace

from wiretape.recorder.wire.challenge import Challenge, ChallengeError, parse, serialised
from wiretape.replay.fault import MCP, Fault, Options, Strike, at
from wiretape.replay.http.messages import Reply

_CHALLENGE = "www-authenticate"


def _parsed(reply: Reply) -> tuple[Challenge, ...]:
    try:
        return parse([reply.header(_CHALLENGE) or ""])
    except ChallengeError:
        return ()


def _kept(challenge: Challenge) -> Challenge:
    params = (pair for pair in challenge.params if not pair[0].startswith("error"))
    return replace(challenge, params=tuple(params))


def _after(strike: Strike[Options], reply: Reply) -> Reply:
    del strike
    return reply.setting(_CHALLENGE, serialised(map(_kept, _parsed(reply))))


FAULT = Fault(
    about="refusals",
    title="a challenge has no error, error_description and error_uri",
    finds="clients that refresh only at invalid_token, not at any 401",
    options=Options,
    concerns=at(*MCP),
    only=lambda reply: any(each.get("error") is not None for each in _parsed(reply)),
    after=_after,
)
