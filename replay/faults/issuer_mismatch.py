"""Metadata is of another issuer than the one that it was asked of (RFC 8414, 3.3)."""

from pydantic import Field

from wiretape.replay.fault import Fault, Options, Strike, at
from wiretape.replay.http.messages import Reply, encoded


class _Options(Options):
    issuer: str = Field("https://issuer.invalid", description="the issuer that is told")


def _after(strike: Strike[_Options], reply: Reply) -> Reply:
    return reply.saying(encoded(reply.told | {"issuer": strike.options.issuer}))


FAULT = Fault(
    about="discovery",
    title="the authorization server's metadata names another issuer",
    finds="clients that do not compare it, and can be led to a server that is not theirs",
    options=_Options,
    concerns=at("server-metadata"),
    only=lambda reply: reply.status == 200 and "issuer" in reply.told,
    after=_after,
)
