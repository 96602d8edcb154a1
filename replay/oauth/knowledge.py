"""What is told of tokens, and how they are taken back (RFC 7662, RFC 7009)."""

from collections.abc import Mapping
from typing import Any

from wiretape.analysis.profile.model import Profile
from wiretape.replay.http.messages import Ask, Reply, json_reply
from wiretape.replay.oauth.clients import authenticated
from wiretape.replay.oauth.errors import OAuthError
from wiretape.replay.oauth.forge import Forge
from wiretape.replay.oauth.parameters import of_body
from wiretape.replay.oauth.state import State

_HINTS = frozenset({"access_token", "refresh_token"})


def revoke(ask: Ask, profile: Profile, state: State) -> Reply:
    """Revoke a token; one that is not known is none that is good (RFC 7009, 2.2).

    Raises OAuthError for a type that cannot be revoked, and for a token of another client (2.1).
    """
    given = of_body(ask)
    client = authenticated(ask, given, profile, state, "revocation")
    token = _token(given)
    if given.get("token_type_hint", "access_token") not in _HINTS:
        raise OAuthError("unsupported_token_type", "Such tokens are not revoked here")
    owner = state.lineages.owner(token)
    if owner is not None and owner.client_id != client.id:
        raise OAuthError("invalid_grant", "The token was issued to another client")
    state.lineages.revoke(token)
    return Reply(200)


def introspect(ask: Ask, profile: Profile, state: State, forge: Forge, now: float) -> Reply:
    """Tell what a token is worth (RFC 7662, 2.2); nothing of one that is not good.

    Raises OAuthError for a client without a secret: whoever asks must show who it is (2.1).
    """
    given = of_body(ask)
    client = authenticated(ask, given, profile, state, "introspection")
    if client.secret is None:
        raise OAuthError("invalid_client", "Only clients with a secret may ask")
    token, lineages = _token(given), state.lineages
    access = lineages.access(token)
    if access is not None and lineages.standing(token, now) == "good":
        times = {"iat": int(access.issued), "exp": int(access.ends)}
        kind = {"token_type": profile.token.type or "Bearer"}
        grant, scope = access.grant, access.scope
    else:
        found = lineages.renewable(token, now)
        if found is None:
            return json_reply(200, {"active": False})
        grant, scope, times, kind = found, found.scope, {}, {}
    told: dict[str, Any] = {
        "active": True,
        "scope": scope,
        "client_id": grant.client_id,
        "username": grant.subject,
        **kind,
        **times,
        "sub": grant.subject,
        "aud": forge.resources.audience(grant.resource),
        "iss": forge.issuer,
    }
    return json_reply(200, {name: value for name, value in told.items() if value is not None})


def _token(given: Mapping[str, str]) -> str:
    token = given.get("token")
    if not token:
        raise OAuthError("invalid_request", "token is missing")
    return token
