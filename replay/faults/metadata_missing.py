"""There are no documents to discover the service by."""

from wiretape.replay.fault import Fault, Options, Strike, at
from wiretape.replay.http.messages import Reply, text


def _before(strike: Strike[Options]) -> Reply:
    del strike
    return text(404, "Not Found")


FAULT = Fault(
    about="discovery",
    title="metadata is not found; role=resource-metadata or role=server-metadata for one kind",
    finds="clients that do not fall back to other places, or to the default endpoints",
    options=Options,
    concerns=at("resource-metadata", "server-metadata"),
    before=_before,
)
