"""The token endpoint: codes and refresh tokens become tokens (RFC 6749, 4.1.3, 5 and 6)."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from wiretape.analysis.profile.model import Profile
from wiretape.replay.http.messages import Ask, Reply, json_reply
from wiretape.replay.oauth import knowledge, scopes
from wiretape.replay.oauth.clients import authenticated
from wiretape.replay.oauth.errors import OAuthError
from wiretape.replay.oauth.forge import Forge
from wiretape.replay.oauth.parameters import FORM, JSON, of_body
from wiretape.replay.oauth.resources import same
from wiretape.replay.oauth.state import Client, State, Wish
from wiretape.replay.oauth.tokens import Grant

_REFRESH = "refresh_token"


def answer(ask: Ask, profile: Profile, state: State, forge: Forge, now: float) -> Reply:
    """Answer at the token endpoint, where some revoke too. Raises OAuthError."""
    given = of_body(ask)
    if "token" in given and "grant_type" not in given:
        return knowledge.revoke(ask, profile, state)
    return _tokens(ask, given, profile, state, forge=forge, now=now)


def _tokens(
    ask: Ask,
    given: Mapping[str, str],
    profile: Profile,
    state: State,
    *,
    forge: Forge,
    now: float,
) -> Reply:
    """Give tokens for a code or a refresh token."""
    kind = given.get("grant_type")
    _check_encoding(ask, kind, profile)
    client = authenticated(ask, given, profile, state)
    resource = forge.resources.wanted(given.get("resource"))
    match kind:
        case "authorization_code":
            grant = _exchanged(given, client, resource, state, now)
            scope = grant.scope
        case "refresh_token":
            grant, scope = _refreshed(given, client, resource, state, now)
        case _:
            raise OAuthError("unsupported_grant_type", "grant_type is not supported")
    old = given.get("refresh_token") if kind == _REFRESH else None
    return _answer(grant, scope, old, profile, state, forge=forge, now=now)


def _exchanged(
    given: Mapping[str, str], client: Client, resource: str | None, state: State, now: float
) -> Grant:
    code = state.codes.get(given.get("code", ""))
    if code is None or code.grant.client_id != client.id:
        raise OAuthError("invalid_grant", "Invalid authorization code")
    if code.used:
        if state.lineages.rules.code_reuse_revokes:
            code.grant.revoke()  # RFC 6749, 4.1.2
        raise OAuthError("invalid_grant", "The authorization code was used already")
    if now >= code.ends:
        raise OAuthError("invalid_grant", "The authorization code has expired")
    wish = code.wish
    if given.get("redirect_uri", "" if wish.redirect_named else wish.back) != wish.back:
        raise OAuthError("invalid_grant", "redirect_uri is not that of the authorization request")
    if not _verified(wish, given.get("code_verifier", "")):
        raise OAuthError("invalid_grant", "Invalid PKCE code_verifier")
    same(resource, code.grant.resource)
    code.used = True
    return code.grant


def _refreshed(
    given: Mapping[str, str], client: Client, resource: str | None, state: State, now: float
) -> tuple[Grant, str | None]:
    """Use a refresh token, unless more is asked for than it has; gives the scope too."""
    token = given.get("refresh_token", "")
    held = state.lineages.renewable(token, now)
    scope = None
    if held is not None and held.client_id == client.id:
        scope = scopes.narrowed(given.get("scope"), held.scope)
        same(resource, held.resource)
    grant = state.lineages.spend(token, client.id, now)
    if grant is None:
        raise OAuthError("invalid_grant", "Invalid refresh token")
    return grant, scope


def _verified(wish: Wish, verifier: str) -> bool:
    """Check the proof of possession (RFC 7636, 4.6)."""
    if wish.challenge is None:
        return True
    shown = verifier.encode()
    if wish.challenge_method == "S256":
        shown = urlsafe_b64encode(sha256(shown).digest()).rstrip(b"=")
    return hmac.compare_digest(shown, wish.challenge.encode())


def _answer(
    grant: Grant,
    scope: str | None,
    old: str | None,
    profile: Profile,
    state: State,
    *,
    forge: Forge,
    now: float,
) -> Reply:
    """Issue tokens; `old` is the refresh token that was used for them."""
    lineages, known = state.lineages, profile.token.answer
    lifetime = lineages.rules.lifetime
    access = forge.access(grant, now, now + lifetime, scope=scope)
    fresh = _wants_refresh(profile, grant) and (old is None or lineages.rules.rotates)
    refresh = forge.refresh(grant, now, now + lifetime) if fresh else None
    lineages.issue(grant, access, refresh, now, scope)
    answer: dict[str, Any] = {
        "access_token": access,
        "token_type": profile.token.type or "Bearer",
        "expires_in": int(lifetime),
        "refresh_token": refresh or old,
        "scope": scope,
    }
    if known.fields is not None:
        answer = {name: value for name, value in answer.items() if name in known.fields}
    answer = {name: value for name, value in answer.items() if value is not None}
    caching = known.cache_control or "no-store"  # RFC 6749, 5.1
    return json_reply(200, answer, *([] if caching == "none" else [("cache-control", caching)]))


def _wants_refresh(profile: Profile, grant: Grant) -> bool:
    fields, needs = profile.token.answer.fields, profile.refresh.needs
    granted = needs is None or needs in (grant.scope or "").split()
    return granted and (fields is None or _REFRESH in fields)


def _check_encoding(ask: Ask, kind: str | None, profile: Profile) -> None:
    """Refuse JSON where the profile knows of forms only; RFC 6749, appendix B, wants forms."""
    known = profile.refresh.encoding if kind == _REFRESH else profile.token.encoding
    if ask.media_type == JSON and known != "json":
        raise OAuthError("invalid_request", f"The body must be {FORM}")
