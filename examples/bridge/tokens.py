"""What clients hold: access tokens that are JWTs, refresh tokens that only the bridge can read."""

import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry

from bridge.grants import Grant
from bridge.store import derived, opened, sealed

MARGIN = 60
"""How many seconds an access token ends before the upstream's."""

_ENCRYPTED = {"alg": "dir", "enc": "A256GCM"}
_SIGNED = {"alg": "HS256"}


class BadTokenError(Exception):
    """A token that is altered, expired, of another bridge, or none at all."""


@dataclass(frozen=True)
class Refresh:
    """What a refresh token says: which grant, and how many it had before."""

    grant: str
    generation: int


class Tokens:
    """Issues and reads tokens.

    Access tokens are encrypted (RFC 7516) and only refer to the upstream's. If they are just
    `signed`, they carry it in `atlassian_access_token`, for every holder to read: discouraged.
    """

    def __init__(self, secret: bytes, *, signed: bool, seconds: int | None) -> None:
        self._key = derived(secret, "signed access tokens" if signed else "access tokens")
        self._refresh_key = derived(secret, "refresh tokens")
        self._signed = signed
        self._seconds = seconds

    def access(self, grant: Grant, base: str) -> tuple[str, int]:
        """Issue an access token of the bridge at `base`; gives it and how long it lives."""
        now = int(time.time())
        lifetime = self.lifetime(grant.ends - now)
        claims: dict[str, Any] = {
            "iss": base,
            "aud": f"{base}/mcp",
            "sub": grant.id,
            "client_id": grant.client_id,
            "jti": secrets.token_hex(16),
            "iat": now,
            "exp": now + lifetime,
        }
        if self._signed:
            claims["atlassian_access_token"] = grant.access
            return jwt.encode(_SIGNED, claims, self._key), lifetime
        return jwt.encode(_ENCRYPTED, claims, self._key, registry=JWERegistry()), lifetime

    def lifetime(self, left: float) -> int:
        """Tell how long a token may live while the upstream's has so many seconds left.

        The margin is less for tokens that are shorter than two margins: half is left of those.
        """
        lifetime = int(max(left - MARGIN, left / 2, 0))
        return lifetime if self._seconds is None else min(lifetime, self._seconds)

    def grant_of(self, token: str, base: str) -> str:
        """Give the grant that an access token is for. Raises BadTokenError.

        Which algorithm it has is for the bridge to say, never for the token: no `alg: none`.
        """
        header, registry = (_SIGNED, None) if self._signed else (_ENCRYPTED, JWERegistry())
        allowed = list(header.values())
        wanted = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": base},
            aud={"essential": True, "value": f"{base}/mcp"},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            claims = jwt.decode(token, self._key, algorithms=allowed, registry=registry).claims
            wanted.validate(claims)
        except (JoseError, ValueError) as error:
            raise BadTokenError from error
        return str(claims["sub"])

    def refresh(self, grant: Grant) -> str | None:
        """Issue the refresh token of a grant's present generation, if it can be refreshed."""
        if grant.refresh is None:
            return None
        return sealed({"grant": grant.id, "generation": grant.generation}, self._refresh_key)

    def refresh_of(self, token: str) -> Refresh:
        """Read a refresh token. Raises BadTokenError."""
        try:
            return Refresh(**opened(token, self._refresh_key))
        except (JoseError, ValueError, TypeError) as error:
            raise BadTokenError from error

    def named(self, token: str, base: str) -> str | None:
        """Give the grant that a token of either kind is for, if it is good."""
        with suppress(BadTokenError):
            return self.refresh_of(token).grant
        with suppress(BadTokenError):
            return self.grant_of(token, base)
        return None
