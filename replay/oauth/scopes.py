"""Scopes that are asked for (RFC 6749, 3.3), at the authorization endpoint and at a refresh."""

import re
from collections.abc import Iterator

from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.texts import JsonText, members
from wiretape.replay.oauth.errors import OAuthError

_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*")


def granted(asked: str | None, profile: Profile) -> str | None:
    """Give the scope of a grant: what is asked for, else what the service gives.

    Raises OAuthError for a scope that the service, which lists its own, does not know. One that
    lists none takes any.
    """
    if not asked:
        return profile.token.scope
    wanted = _names(asked)
    if listed(profile) and not wanted <= listed(profile) | usual(profile):
        raise OAuthError("invalid_scope", "A scope is not one of scopes_supported")
    return asked


def narrowed(asked: str | None, held: str | None) -> str | None:
    """Give the scope of a refreshed token, which may be less than the grant's (RFC 6749, 6)."""
    if not asked:
        return held
    if held is not None and not _names(asked) <= {*held.split()}:
        raise OAuthError("invalid_scope", "The scope is more than was granted")
    return asked


def _names(asked: str) -> set[str]:
    if not _SCOPE.fullmatch(asked):
        raise OAuthError("invalid_scope", "The scope is malformed")
    return {*asked.split(" ")}


def listed(profile: Profile) -> set[str]:
    """Give the scopes that the service's documents list; nothing if they list none."""
    known = profile.discovery
    return {*_told(known.server_metadata_document), *_told(known.resource_metadata_document)}


def usual(profile: Profile) -> set[str]:
    """Give what clients asked for and got, listed or not (RFC 8414, 2: not all need be)."""
    return {*(profile.authorization.scope or ()), *(profile.token.scope or "").split()}


def _told(document: JsonText | None) -> Iterator[str]:
    found = members(document).get("scopes_supported")
    yield from (each for each in found if isinstance(each, str)) if isinstance(found, list) else ()
