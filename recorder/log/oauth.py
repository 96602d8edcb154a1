"""Recognises the steps of OAuth in exchanges, by what they carry and not by where they go.

The authors of a service choose the paths; only the well-known ones are fixed (RFC 8414, RFC 9728,
OpenID Connect Discovery).
"""

import base64
import binascii
from typing import Literal
from urllib.parse import unquote_plus

from msgspec import UNSET

from wiretape.recorder.log.exchanges import Exchange, header
from wiretape.recorder.log.raw import fields, text
from wiretape.recorder.log.records import Content
from wiretape.recorder.log.urls import join, path, query

type Step = Literal[
    "resource metadata",
    "server metadata",
    "registration",
    "authorization",
    "callback",
    "token",
    "revocation",
    "introspection",
]

_RESOURCE_METADATA = "/.well-known/oauth-protected-resource"
_SERVER_METADATA = (
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
)


def step(exchange: Exchange) -> Step | None:
    """Tell which step of OAuth this exchange is, if it is one."""
    request = exchange.request
    if request.method == "OPTIONS":  # a browser asks for permission first (CORS)
        return None
    found = _metadata(path(request.url))
    if found is None and request.method == "POST":
        found = _back_channel(exchange)
    return found or _front_channel(exchange)


def parameters(content: Content | None) -> dict[str, str]:
    """Give the texts by name of a form, or of a JSON object, which some services take too."""
    if content is None:
        return {}
    if content.form is not None:
        return dict(content.form)
    found = fields(None if content.json is UNSET else content.json)
    return {name: value for name, raw in found.items() if (value := text(raw)) is not None}


def bearer(exchange: Exchange) -> str | None:
    """Give the access token of the request's Authorization header (RFC 6750, section 2.1)."""
    scheme, _, token = (header(exchange.request.headers, "authorization") or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def client_id(exchange: Exchange) -> str | None:
    """Give the client that a token request names, in its body or as RFC 6749, 2.3.1 Basic."""
    named = parameters(exchange.request.body).get("client_id")
    scheme, _, encoded = (header(exchange.request.headers, "authorization") or "").partition(" ")
    if named is not None or scheme.lower() != "basic":
        return named
    try:
        user = base64.b64decode(encoded, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote_plus(user)


def location(exchange: Exchange) -> str | None:
    """Give the absolute URL that the response redirects to."""
    response = exchange.response
    target = None if response is None else header(response.headers, "location")
    return None if target is None else join(exchange.request.url, target)


def _metadata(path: str) -> Step | None:
    if _RESOURCE_METADATA in path:
        return "resource metadata"
    return "server metadata" if any(known in path for known in _SERVER_METADATA) else None


def _back_channel(exchange: Exchange) -> Step | None:
    body = exchange.request.body
    asked = parameters(body)
    if "grant_type" in asked:
        return "token"
    if body is None:
        return None
    if body.form is not None and "token" in asked:  # RFC 7009, 2.1; RFC 7662, 2.1
        answer = exchange.response.body if exchange.response else None
        active = answer is not None and answer.json is not UNSET and "active" in fields(answer.json)
        return "introspection" if active else "revocation"
    registered = body.json is not UNSET and "redirect_uris" in fields(body.json)  # RFC 7591, 2
    return "registration" if registered else None


def _front_channel(exchange: Exchange) -> Step | None:
    asked = query(exchange.request.url)
    if asked.keys() >= {"response_type", "client_id"}:
        return "authorization"
    if _answers_authorization(asked):
        return "callback"
    return "authorization" if _answers_authorization(query(location(exchange) or "")) else None


def _answers_authorization(parameters: dict[str, str]) -> bool:
    """Whether these come from an authorization server (RFC 6749, 4.1.2 and 4.1.2.1)."""
    return "state" in parameters and bool(parameters.keys() & {"code", "error"})
