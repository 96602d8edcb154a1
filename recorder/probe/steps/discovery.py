"""Where the service says who issues its tokens (RFC 9728, RFC 8414, OpenID Connect Discovery)."""

from wiretape.recorder.probe.known import Known
from wiretape.recorder.probe.metadata import (
    Place,
    resource_metadata,
    resource_places,
    server_metadata,
    server_places,
)
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.steps.challenge import knock
from wiretape.recorder.probe.talk import Answer, Ask, Note, StepError, Walk, ask

_MOST_SERVERS = 2


def walk(known: Known) -> Walk[None]:
    """Ask for every document that a client may look for, and keep the first of each kind."""
    for method in ("POST", "GET"):  # the latter for HTTP+SSE
        if not known.refused:
            yield from knock(known, method, "without a token, for its challenge")
    servers: tuple[str, ...] = ()
    for place in resource_places(known.target.url, known.challenge):
        answer = yield from _get(known, place)
        found = resource_metadata(answer.body) if answer and answer.ok else None
        if found is not None and known.resource is None:
            known.resource, known.resource_scopes = found.resource, found.scopes
            known.metadata_urls += (place[1],)
            servers = found.servers[:_MOST_SERVERS]
            yield Note(f"a protected resource: {place[0]}; servers: {len(found.servers)}")
    for place in server_places(known.target.url, servers):
        answer = yield from _get(known, place)
        document = server_metadata(answer.body) if answer and answer.ok else None
        if document is not None and known.server is None:
            known.server = document
            known.metadata_urls += (place[1],)
            yield Note(f"an authorization server: {place[0]}")
    if known.server is None:
        yield Note("no authorization server found")


def _get(known: Known, place: Place) -> Walk[Answer | None]:
    label, url = place
    headers = known.headers(url, ("accept", "application/json"), authorised=False)
    try:
        return (yield from ask(Ask(label=label, method="GET", url=url, headers=headers)))
    except StepError as reason:
        yield Note(f"{label}: {reason}")
        return None


STEP = Step(
    id="discovery",
    title="Discovery documents, by path and at the root: RFC 9728, RFC 8414, OpenID Connect",
    position=20,
    walk=walk,
    most=4 + 3 + 5 * _MOST_SERVERS + 3,
    gives=("server",),
)
