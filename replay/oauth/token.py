"""The token endpoint: codes and refresh tokens become tokens (RFC 6749, 4.1.3, 5 and 6)."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from wiretape.analysis.profile.model import Profile
from wiretape.replay.forge import Forge
from wiretape.replay.messages import Ask, Reply, decoded, json_reply
from wiretape.replay.oauth.clients import authenticated
from wiretape.replay.oauth.errors import OAuthError
from wiretape.replay.oauth.state import Client, Code, State
from wiretape.replay.tokens import Grant

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_REFRESH = "refresh_token"


def parameters(ask: Ask) -> dict[str, str]:
    """Read a request's parameters, however they are written."""
    try:
        if ask.media_type == _JSON:
            told = decoded(ask.body)
            told = told if isinstance(told, dict) else {}
            return {name: value for name, value in told.items() if isinstance(value, str)}
        if ask.media_type == _FORM:
            return dict(parse_qsl(ask.body.decode(), keep_blank_values=True))
    except ValueError as error:
        raise OAuthError("invalid_request", "The body cannot be read") from error
    raise OAuthError("invalid_request", f"The body must be {_FORM}")


def tokens(ask: Ask, profile: Profile, state: State, forge: Forge, now: float) -> Reply:
    """Give tokens for a code or a refresh token. Raises OAuthError for what is not good."""
    given = parameters(ask)
    kind = given.get("grant_type")
    _check_encoding(ask, kind, profile)
    client = authenticated(ask, given, profile, state)
    match kind:
        case "authorization_code":
            grant = _exchanged(given, client, state, now)
        case "refresh_token":
            grant = _refreshed(given, client, state, now)
        case _:
            raise OAuthError("unsupported_grant_type", "grant_type is not supported")
    old = given.get("refresh_token") if kind == _REFRESH else None
    return _answer(grant, old, profile, state, forge=forge, now=now)


def revoke(ask: Ask, profile: Profile, state: State) -> Reply:
    """Revoke a token; one that is not known is none that is good (RFC 7009, 2.2)."""
    given = parameters(ask)
    client = authenticated(ask, given, profile, state)
    state.lineages.revoke(given.get("token", ""), client.id)
    return Reply(200)


def _exchanged(given: Mapping[str, str], client: Client, state: State, now: float) -> Grant:
    code = state.codes.get(given.get("code", ""))
    if code is None or code.grant.client_id != client.id:
        raise OAuthError("invalid_grant", "Invalid authorization code")
    if code.used:
        code.grant.revoked = True  # RFC 6749, 4.1.2
        raise OAuthError("invalid_grant", "The authorization code was used already")
    if now >= code.ends:
        raise OAuthError("invalid_grant", "The authorization code has expired")
    if given.get("redirect_uri", "" if code.redirect_named else code.redirect_uri) != (
        code.redirect_uri
    ):
        raise OAuthError("invalid_grant", "redirect_uri is not that of the authorization request")
    if not _verified(code, given.get("code_verifier", "")):
        raise OAuthError("invalid_grant", "Invalid PKCE code_verifier")
    code.used = True
    return code.grant


def _refreshed(given: Mapping[str, str], client: Client, state: State, now: float) -> Grant:
    grant = state.lineages.spend(given.get("refresh_token", ""), client.id, now)
    if grant is None:
        raise OAuthError("invalid_grant", "Invalid refresh token")
    return grant


def _verified(code: Code, verifier: str) -> bool:
    """Check the proof of possession (RFC 7636, 4.6)."""
    if code.challenge is None:
        return True
    shown = verifier.encode()
    if code.challenge_method == "S256":
        shown = urlsafe_b64encode(sha256(shown).digest()).rstrip(b"=")
    return hmac.compare_digest(shown, code.challenge.encode())


def _answer(
    grant: Grant, old: str | None, profile: Profile, state: State, *, forge: Forge, now: float
) -> Reply:
    """Issue tokens; `old` is the refresh token that was used for them."""
    lineages, known = state.lineages, profile.token.answer
    lifetime = lineages.rules.lifetime
    access = forge.access(grant, now, now + lifetime)
    fresh = _wants_refresh(profile) and (old is None or lineages.rules.rotates)
    refresh = forge.refresh(grant, now, now + lifetime) if fresh else None
    lineages.issue(grant, access, refresh, now)
    answer: dict[str, Any] = {
        "access_token": access,
        "token_type": profile.token.type or "Bearer",
        "expires_in": int(lifetime),
        "refresh_token": refresh or old,
        "scope": grant.scope,
    }
    if known.fields is not None:
        answer = {name: value for name, value in answer.items() if name in known.fields}
    answer = {name: value for name, value in answer.items() if value is not None}
    caching = known.cache_control or "no-store"  # RFC 6749, 5.1
    return json_reply(200, answer, *([] if caching == "none" else [("cache-control", caching)]))


def _wants_refresh(profile: Profile) -> bool:
    fields = profile.token.answer.fields
    return fields is None or _REFRESH in fields


def _check_encoding(ask: Ask, kind: str | None, profile: Profile) -> None:
    """Refuse JSON where the profile knows of forms only; RFC 6749, appendix B, wants forms."""
    known = profile.refresh.encoding if kind == _REFRESH else profile.token.encoding
    if ask.media_type == _JSON and known != "json":
        raise OAuthError("invalid_request", f"The body must be {_FORM}")
