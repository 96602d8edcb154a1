"""Metadata names its endpoints without TLS, as behind a proxy that nobody told the scheme."""

from wiretape.replay.fault import Fault, Options, Strike, at
from wiretape.replay.http.messages import Reply


def _concerns(strike: Strike[Options]) -> bool:
    here = strike.world.origins.local.values()
    documents = at("resource-metadata", "server-metadata")
    return documents(strike) and any(local.startswith("https:") for local in here)


def _after(strike: Strike[Options], reply: Reply) -> Reply:
    body, origins = reply.body, strike.world.origins
    for site, local in sorted(origins.local.items(), key=_length, reverse=True):
        body = body.replace(local.encode(), origins.plain(site).encode())
    return reply.saying(body)


def _length(known: tuple[str, str]) -> int:
    """Tell how long an origin is: a port may begin like another."""
    return len(known[1])


FAULT = Fault(
    about="discovery",
    title="metadata of a service that has TLS points to http",
    finds="clients that send codes and tokens without TLS",
    options=Options,
    concerns=_concerns,
    only=lambda reply: reply.status == 200,
    after=_after,
)
