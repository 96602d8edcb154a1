"""The authorization endpoint, whose user always consents at once (RFC 6749, 4.1.1; RFC 7636)."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from wiretape.analysis.profile.model import Profile
from wiretape.replay.forge import Forge
from wiretape.replay.messages import Ask, Reply, json_reply
from wiretape.replay.oauth.errors import OAuthError
from wiretape.replay.oauth.state import Code, State

CODE_LIFETIME = 600
"""In seconds: the most that RFC 6749, 4.1.2 recommends."""


def authorize(
    ask: Ask, profile: Profile, state: State, forge: Forge, *, iss: str | None, now: float
) -> Reply:
    """Send the browser back with a code, or with an error.

    Who does not name a registered client and one of its redirect URIs, exactly, is not sent
    anywhere (RFC 6749, 4.1.2.1). `iss` is the issuer as it is told here.
    """
    given = ask.parameters
    client = state.clients.get(given.get("client_id", ""))
    if client is None:
        return _refusal("invalid_request", "client_id is not registered")
    named = "redirect_uri" in given
    if not named and len(client.redirect_uris) != 1:
        return _refusal("invalid_request", "redirect_uri is missing")
    back = given.get("redirect_uri", client.redirect_uris[0])
    if back not in client.redirect_uris:
        return _refusal("invalid_request", "redirect_uri is not one that was registered")
    try:
        challenge, method = _challenge(given, profile)
    except OAuthError as error:
        told = {"error": error.error, "error_description": error.description}
        return _redirect(back, told | _state(given), profile)
    state.grants += 1
    scope = given.get("scope") or profile.token.scope
    grant = forge.grant(state.grants, client.id, scope, given.get("resource"))
    ends = now + CODE_LIFETIME
    code = forge.code(grant, now, ends)
    state.codes[code] = Code(grant, back, named, challenge, method, ends)
    answer = {"code": code} | _state(given)
    if iss is not None and "iss" in (profile.authorization.answer or ()):  # RFC 9207
        answer["iss"] = iss
    return _redirect(back, answer, profile)


def _challenge(given: dict[str, str], profile: Profile) -> tuple[str | None, str]:
    """Give the code challenge and its method. Raises OAuthError for what is not supported."""
    if given.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "response_type must be code")
    challenge = given.get("code_challenge")
    method = given.get("code_challenge_method", "plain")  # RFC 7636, 4.3
    if challenge is None:
        if profile.authorization.pkce == "none":
            return None, method
        raise OAuthError("invalid_request", "code_challenge is missing")
    document = profile.discovery.server_metadata_document
    told: Any = document.value if document is not None else {}
    if method not in told.get("code_challenge_methods_supported", ["S256"]):
        raise OAuthError("invalid_request", f"code_challenge_method {method} is not supported")
    return challenge, method


def _state(given: dict[str, str]) -> dict[str, str]:
    return {"state": given["state"]} if "state" in given else {}


def _redirect(back: str, parameters: dict[str, str], profile: Profile) -> Reply:
    """Add parameters to a redirect URI, which may have some already."""
    joint = "&" if urlsplit(back).query else "?"
    status = profile.authorization.status or 302
    return Reply(status, (("location", f"{back}{joint}{urlencode(parameters)}"),))


def _refusal(error: str, description: str) -> Reply:
    return json_reply(400, {"error": error, "error_description": description})
