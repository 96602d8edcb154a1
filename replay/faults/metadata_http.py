"""Metadata names its endpoints without TLS, as behind a proxy that nobody told the scheme."""

from wiretape.replay.fault import Fault, Options, Strike, at
from wiretape.replay.messages import Reply

_SAFE, _PLAIN = "https://", "http://"


def _after(strike: Strike[Options], reply: Reply) -> Reply:
    body = reply.body
    for local in strike.world.origins.local.values():
        plain = local.replace(_SAFE, _PLAIN, 1)
        body = body.replace(local.encode(), plain.encode())
    return reply.saying(body)


FAULT = Fault(
    about="discovery",
    title="metadata of a service that has TLS points to http",
    finds="clients that send codes and tokens without TLS",
    options=Options,
    concerns=at("resource-metadata", "server-metadata"),
    only=lambda reply: reply.status == 200 and _SAFE.encode() in reply.body,
    after=_after,
)
