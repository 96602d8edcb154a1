"""How clients are registered (RFC 7591), and how they authenticate (RFC 6749, 2.3)."""

import hmac
from base64 import b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from wiretape.analysis.profile.model import Profile
from wiretape.replay.http.messages import Ask, Reply, decoded, json_reply
from wiretape.replay.oauth.documents import metadata
from wiretape.replay.oauth.errors import OAuthError
from wiretape.replay.oauth.forge import Forge
from wiretape.replay.oauth.state import Client, State
from wiretape.replay.oauth.uris import usable

_PUBLIC = "none"


def register(ask: Ask, profile: Profile, state: State, forge: Forge, now: float) -> Reply:
    """Register a client. Raises OAuthError for what cannot be registered."""
    asked = _asked(ask)
    uris = asked.get("redirect_uris")
    if not isinstance(uris, list) or not uris or not all(map(usable, uris)):
        raise OAuthError("invalid_redirect_uri", "redirect_uris must be a list of absolute URIs")
    method = _method(asked.get("token_endpoint_auth_method"), profile)
    secret = None if method == _PUBLIC else forge.secret()
    name = asked.get("client_name")
    name = name if isinstance(name, str) else None
    client = Client(forge.client_id(), tuple(uris), method, secret, name)
    state.register(client)
    answer: dict[str, Any] = {
        "client_id": client.id,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "application_type": "web",
        **asked,
        "token_endpoint_auth_method": method,
        "client_id_issued_at": int(now),
    }
    answer["client_id"] = client.id
    if secret is not None:
        answer |= {"client_secret": secret, "client_secret_expires_at": 0}
    known = profile.registration
    if known.fields is not None:
        needed = {"client_id", "client_secret"}
        answer = {key: answer[key] for key in answer if key in {*known.fields, *needed}}
    return json_reply(known.status or 201, answer)


def described(told: object) -> Client:
    """Read a client that is known already, as a registration was answered (RFC 7591, 3.2.1).

    Without a `token_endpoint_auth_method` it authenticates in whatever way, with the secret that it
    has. Raises OAuthError for what is none.
    """
    known = told if isinstance(told, dict) else {}
    id_, uris = known.get("client_id"), known.get("redirect_uris")
    if not isinstance(id_, str) or not id_:
        raise OAuthError("invalid_client_metadata", "client_id must be a text")
    if not isinstance(uris, list) or not uris or not all(map(usable, uris)):
        raise OAuthError("invalid_redirect_uri", "redirect_uris must be a list of absolute URIs")
    secret, name = known.get("client_secret"), known.get("client_name")
    method = known.get("token_endpoint_auth_method", "client_secret_post" if secret else _PUBLIC)
    if (method == _PUBLIC) != (secret is None) or not isinstance(secret, str | None):
        why = "client_secret must be a text, and be there unless the client authenticates by none"
        raise OAuthError("invalid_client_metadata", why)
    return Client(id_, tuple(uris), str(method), secret, name if isinstance(name, str) else None)


def authenticated(
    ask: Ask, given: Mapping[str, str], profile: Profile, state: State, endpoint: str = "token"
) -> Client:
    """Give the client that a request comes from. Raises OAuthError if that is not shown."""
    name, secret, method = _credentials(ask, given)
    client = state.client(name)
    if client is None:
        raise OAuthError("invalid_client", "Client not found")
    if client.secret is None:
        return client
    allowed = _methods(profile, endpoint)
    if secret is None or not hmac.compare_digest(secret.encode(), client.secret.encode()):
        raise OAuthError("invalid_client", "Client authentication failed")
    if allowed and method not in allowed:
        raise OAuthError("invalid_client", f"{method} is not supported here")
    return client


def _credentials(ask: Ask, given: Mapping[str, str]) -> tuple[str, str | None, str]:
    scheme, _, encoded = ask.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        secret = given.get("client_secret")
        method = _PUBLIC if secret is None else "client_secret_post"
        return given.get("client_id", ""), secret, method
    try:
        name, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError as error:
        raise OAuthError("invalid_client", "Authorization is not Basic") from error
    return unquote_plus(name), unquote_plus(secret), "client_secret_basic"


def _asked(ask: Ask) -> dict[str, Any]:
    try:
        asked = decoded(ask.body)
    except ValueError as error:
        raise OAuthError("invalid_client_metadata", "The body is not JSON") from error
    if not isinstance(asked, dict):
        raise OAuthError("invalid_client_metadata", "The body is not a JSON object")
    return asked


def _method(asked: object, profile: Profile) -> str:
    """Choose how the client will authenticate: as it asks, else as clients here do."""
    allowed = _methods(profile)
    if isinstance(asked, str):
        if allowed and asked not in allowed:
            raise OAuthError("invalid_client_metadata", f"{asked} is not supported here")
        return asked
    return profile.registration.auth_method or next(iter(allowed), "client_secret_basic")


def _methods(profile: Profile, endpoint: str = "token") -> tuple[str, ...]:
    """Give the methods that the metadata allows at an endpoint (RFC 8414, 2)."""
    told = metadata(profile)
    for name in (endpoint, "token"):
        found = told.get(f"{name}_endpoint_auth_methods_supported")
        if isinstance(found, list):
            return tuple(found)
    return ()
