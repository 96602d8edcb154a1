"""Lineages of tokens: issued, accepted, expired, rotated, revoked.

A grant is what a user consented to once. Its tokens are a lineage: each refresh adds an access
token, and a refresh token where they rotate. What then becomes of the refresh token that was used
differs between services, and is the profile's `refresh.old_token`:

    refused                             spent at its first use
    accepted                            good as long as the grant
    accepted until the newer is used    good until a newer one is used for the first time
    accepted for a while                good for `GRACE` seconds after its first use
"""

from dataclasses import dataclass, field
from typing import Literal

GRACE = 60
"""How long "a while" is, in seconds, where the profile has no bounds. Assumed."""

type Fate = Literal[
    "refused", "accepted", "accepted until the newer is used", "accepted for a while"
]
type Standing = Literal["good", "expired", "unknown"]


def fate(told: str | None) -> Fate:
    """Read what becomes of refresh tokens; what is not known is refused."""
    match told:
        case "accepted" | "accepted until the newer is used" | "accepted for a while":
            return told
    return "refused"


@dataclass(frozen=True)
class Rules:
    """How tokens live; times in seconds."""

    lifetime: float
    rotates: bool = True
    old_token: Fate = "refused"  # noqa: S105  # what becomes of it, not a token
    grace: float = GRACE
    access_survives: bool = True


@dataclass(eq=False)
class Grant:
    """What a client may do, and the segments that its tokens have in common.

    `generation` is that of its newest refresh token, `used` that of the newest which was used;
    access tokens of a `round` that is over are not good any more.
    """

    number: int
    client_id: str
    scope: str | None
    stems: tuple[str, ...] = field(default=(), repr=False)
    refresh_stems: tuple[str, ...] = field(default=(), repr=False)
    resource: str | None = None
    subject: str = "user-1"
    revoked: bool = False
    generation: int = 0
    used: int = 0
    round: int = 0


@dataclass
class _Access:
    grant: Grant
    ends: float
    round: int
    revoked: bool = False


@dataclass
class _Refresh:
    grant: Grant
    generation: int
    used: float | None = None


@dataclass
class Lineages:
    """All tokens of a service."""

    rules: Rules
    _access: dict[str, _Access] = field(default_factory=dict, repr=False)
    _refresh: dict[str, _Refresh] = field(default_factory=dict, repr=False)

    def issue(self, grant: Grant, access: str, refresh: str | None, now: float) -> None:
        """Take newly made tokens into a grant's lineage."""
        self._access[access] = _Access(grant, now + self.rules.lifetime, grant.round)
        if refresh is not None:
            grant.generation += 1
            self._refresh[refresh] = _Refresh(grant, grant.generation)

    def standing(self, access: str, now: float) -> Standing:
        """Tell what an access token is worth."""
        found = self._access.get(access)
        if found is None or found.revoked or found.grant.revoked:
            return "unknown"
        if found.round != found.grant.round:
            return "unknown"
        return "good" if now < found.ends else "expired"

    def grant(self, access: str) -> Grant | None:
        """Give the grant of an access token."""
        found = self._access.get(access)
        return found.grant if found else None

    def owner(self, refresh: str) -> Grant | None:
        """Give the grant of a refresh token."""
        found = self._refresh.get(refresh)
        return found.grant if found else None

    def forget(self) -> None:
        """Forget all tokens."""
        self._access.clear()
        self._refresh.clear()

    def spend(self, refresh: str, client_id: str, now: float) -> Grant | None:
        """Use a refresh token; gives its grant if it is good for this client.

        What this does to other tokens is done: whoever is given the grant gets the next tokens.
        """
        found = self._refresh.get(refresh)
        if found is None or found.grant.revoked or found.grant.client_id != client_id:
            return None
        if not self._good(found, now):
            return None
        if found.used is None:
            found.used = now
        grant = found.grant
        grant.used = max(grant.used, found.generation)
        if not self.rules.access_survives:
            grant.round += 1
        return grant

    def revoke(self, token: str, client_id: str) -> None:
        """Revoke a token (RFC 7009, 2.1): a refresh token takes its whole grant with it."""
        access, refresh = self._access.get(token), self._refresh.get(token)
        if access is not None and access.grant.client_id == client_id:
            access.revoked = True
        if refresh is not None and refresh.grant.client_id == client_id:
            refresh.grant.revoked = True

    def _good(self, token: _Refresh, now: float) -> bool:
        if not self.rules.rotates:
            return True
        overtaken = token.grant.used > token.generation
        match self.rules.old_token:
            case "accepted":
                return True
            case "accepted until the newer is used":
                return not overtaken
            case "accepted for a while":
                return token.used is None or now < token.used + self.rules.grace
        return token.used is None
