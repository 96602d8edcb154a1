"""Clients that are known by a document at a URL, which is their id.

draft-ietf-oauth-client-id-metadata-document, sections 3, 4 and 6; MCP 2025-11-25, authorization.
The document is fetched by whoever carries the requests: here it is only said when it is needed,
and what is in it is judged. It is asked for anew with each authorization request.
"""

from typing import Any
from urllib.parse import urlsplit

from wiretape.analysis.profile.model import Profile
from wiretape.recorder.log.urls import is_loopback
from wiretape.replay.http.messages import Ask, decoded
from wiretape.replay.oauth.documents import metadata
from wiretape.replay.oauth.errors import OAuthError
from wiretape.replay.oauth.state import Client, State
from wiretape.replay.oauth.uris import usable

_SECRETS = ("client_secret", "client_secret_expires_at")
_PUBLIC = "none"


def needed(ask: Ask, profile: Profile, state: State) -> str | None:
    """Give the URL of the document that is needed to answer an authorization request."""
    if metadata(profile).get("client_id_metadata_document_supported") is not True:
        return None
    named = ask.parameters.get("client_id", "")
    return named if named not in state.clients and _wrong(named) is None else None


def client_at(id_: str, document: bytes | str | None, state: State) -> Client:
    """Give the client of an authorization request; `document` is what was found at its URL.

    Raises OAuthError for one that is not known, or whose document is not good.
    """
    if id_ in state.clients:
        return state.clients[id_]
    if document is None:
        reason = _wrong(id_) if "://" in id_ else None
        raise OAuthError("invalid_request", reason or "client_id is not registered")
    client = _described(id_, document)
    state.documents[id_] = client
    return client


def _wrong(url: str) -> str | None:
    """Tell what keeps a URL from being a client's id (section 3)."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "client_id cannot be read as a URL"
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        return "client_id must be an https URL, or http on loopback"
    if not host or "@" in parts.netloc or "#" in url:
        return "client_id must have a host, and no credentials and no fragment"
    if parts.path in {"", "/"} or {".", ".."} & {*parts.path.split("/")}:
        return "client_id must have a path, without dots for segments"
    return None if usable(url) else "client_id has characters that no URL has"


def _described(id_: str, document: bytes | str) -> Client:
    """Read a document (section 4). Raises OAuthError for what is wrong with it."""
    if isinstance(document, str):
        raise OAuthError("invalid_client_metadata", f"The document of client_id: {document}")
    try:
        told: Any = decoded(document)
    except ValueError as error:
        raise OAuthError("invalid_client_metadata", "The document is not JSON") from error
    if not isinstance(told, dict) or told.get("client_id") != id_:
        raise OAuthError("invalid_client_metadata", "The document does not name its own URL")
    if any(name in told for name in _SECRETS):
        raise OAuthError("invalid_client_metadata", "The document has a client_secret")
    if told.get("token_endpoint_auth_method", _PUBLIC) != _PUBLIC:
        raise OAuthError("invalid_client_metadata", "Only the authentication method none is taken")
    uris = told.get("redirect_uris")
    if not isinstance(uris, list) or not uris or not all(map(usable, uris)):
        raise OAuthError("invalid_redirect_uri", "redirect_uris must be a list of absolute URIs")
    name = told.get("client_name")
    return Client(id_, tuple(uris), _PUBLIC, name=name if isinstance(name, str) else None)
