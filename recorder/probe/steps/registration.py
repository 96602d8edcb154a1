"""Dynamic client registration (RFC 7591)."""

import msgspec
from msgspec import Raw

from wiretape.recorder.log.raw import fields, text
from wiretape.recorder.probe.known import USER_AGENT, Client, Known
from wiretape.recorder.probe.mcp import JSON
from wiretape.recorder.probe.metadata import ServerMetadata
from wiretape.recorder.probe.oauth import requested_scope
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Answer, Ask, Note, StepError, Walk, ask

_METHODS = ("none", "client_secret_post", "client_secret_basic")


def walk(known: Known) -> Walk[None]:
    """Register wrongly, without redirect URIs, then rightly."""
    if known.client is not None:
        yield Note("a client id was given: nothing is registered")
        return
    if known.server is None or known.server.registration_endpoint is None:
        yield Note("the authorization server registers no clients; --client-id names one")
        return
    url = known.server.registration_endpoint
    document: dict[str, object] = {
        "client_name": USER_AGENT,
        "redirect_uris": [],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": _method(known.server),
    }
    if scope := requested_scope(known):
        document["scope"] = scope
    yield from _register(known, url, "register without redirect URIs", document)
    document["redirect_uris"] = [known.target.redirect_uri]
    answer = yield from _register(known, url, "register", document)
    registered = fields(Raw(answer.body))
    client_id = text(registered.get("client_id"))
    if not answer.ok or client_id is None:
        raise StepError(f"registration was answered {answer.status}")
    known.client = Client(
        client_id,
        text(registered.get("client_secret")),
        text(registered.get("token_endpoint_auth_method")),
    )
    yield Note(f"registered, with a client id of {len(client_id)} characters")


def _register(known: Known, url: str, label: str, document: dict[str, object]) -> Walk[Answer]:
    headers = known.headers(url, ("accept", "application/json"), JSON, authorised=False)
    body = msgspec.json.encode(document)
    return (yield from ask(Ask(label=label, method="POST", url=url, headers=headers, body=body)))


def _method(server: ServerMetadata) -> str:
    """Choose the client authentication: none where that is allowed, as MCP clients do."""
    offered = server.auth_methods
    return next((method for method in _METHODS if method in offered), "none")


STEP = Step(
    id="registration",
    title="Dynamic client registration, without redirect URIs and rightly",
    position=30,
    walk=walk,
    most=2,
    effect="writes",
    needs=("server",),
    gives=("client",),
)
