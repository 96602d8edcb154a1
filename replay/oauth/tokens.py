"""Lineages of tokens: issued, accepted, expired, rotated, revoked.

A grant is what a user consented to once. Its tokens are a lineage: each refresh adds an access
token, and a refresh token where they rotate. What then becomes of the refresh token that was used
differs between services, and is the profile's `refresh.old_token`:

    refused                             spent at its first use
    accepted                            good as long as the grant
    accepted until the newer is used    good until a newer one is used for the first time
    accepted for a while                good for `GRACE` seconds after its first use

Where the profile's `refresh.reuse` is "revokes all", whoever uses one that is good no more ends the
whole lineage (RFC 9700, 4.14.2): it cannot be known which of the two who had it is the thief.

No load may fill the memory: access tokens are forgotten a day after their end, and of more than
`MOST` tokens of a kind the oldest are.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from math import inf
from typing import Literal

from wiretape.replay.recent import Recent

GRACE = 60
"""How long "a while" is, in seconds, where the profile has no bounds. Assumed."""

MOST = 50_000
"""How many access tokens are remembered, and how many refresh tokens."""

REMEMBERED = 86_400
"""For how many seconds an access token is known to have expired."""

type Fate = Literal[
    "refused", "accepted", "accepted until the newer is used", "accepted for a while"
]
type Standing = Literal["good", "expired", "superseded", "revoked", "unknown"]


def public(secret: str) -> str:
    """Give what a token is called where its secret is not told."""
    return sha256(secret.encode()).hexdigest()[:16]


def fate(told: str | None) -> Fate:
    """Read what becomes of refresh tokens; what is not known is refused."""
    match told:
        case "accepted" | "accepted until the newer is used" | "accepted for a while":
            return told
    return "refused"


@dataclass(frozen=True)
class Rules:
    """How tokens live; times in seconds.

    `reuse_revokes`: a spent refresh token ends its grant, `code_reuse_revokes`: a spent code does.
    """

    lifetime: float
    rotates: bool = True
    old_token: Fate = "refused"  # noqa: S105  # what becomes of it, not a token
    grace: float = GRACE
    access_survives: bool = True
    reuse_revokes: bool = False
    code_reuse_revokes: bool = True


@dataclass(eq=False, slots=True)
class Grant:
    """What a client may do for a user, and the segments that its tokens have in common.

    `generation` is that of its newest refresh token, `used` that of the newest which was used;
    access tokens of a `round` that is over are not good any more. Without a `resource` its tokens
    are for all that the service has. `ended` is called when it is revoked.
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
    ended: Callable[[], object] = lambda: None

    def revoke(self) -> None:
        """Take back all that was granted."""
        if not self.revoked:
            self.revoked = True
            self.ended()


@dataclass(eq=False, slots=True)
class Access:
    """An access token: from when to when it is good, for which scope; seconds since 1970."""

    grant: Grant
    issued: float
    ends: float
    scope: str | None
    round: int
    revoked: bool = False


@dataclass(eq=False, slots=True)
class Refresh:
    """A refresh token: the how-manieth of its grant, and when it was used first."""

    grant: Grant
    generation: int
    used: float | None = None


@dataclass
class Lineages:
    """All tokens of a service."""

    rules: Rules
    _access: Recent[Access] = field(default_factory=lambda: Recent(MOST), repr=False)
    _refresh: Recent[Refresh] = field(default_factory=lambda: Recent(MOST), repr=False)
    brought: int = 0

    def issue(
        self, grant: Grant, access: str, refresh: str | None, now: float, scope: str | None = None
    ) -> None:
        """Take newly made tokens into a grant's lineage; `scope` if it is not all of the grant."""
        self._sweep(now)
        told = grant.scope if scope is None else scope
        self._access[access] = Access(grant, now, now + self.rules.lifetime, told, grant.round)
        if refresh is not None:
            grant.generation += 1
            self._refresh[refresh] = Refresh(grant, grant.generation)

    def bring(self, access: str, now: float) -> Grant:
        """Take in a token that was issued elsewhere: each is another user's, and does not end."""
        self.brought += 1
        grant = Grant(-self.brought, "", None, subject=f"user-{self.brought}")
        self._access[access] = Access(grant, now, inf, None, grant.round)
        return grant

    def standing(self, access: str, now: float) -> Standing:
        """Tell what an access token is worth; of two reasons against it, that its time is over."""
        found = self._access.get(access)
        if found is None:
            return "unknown"
        if now >= found.ends:
            return "expired"
        if found.revoked or found.grant.revoked:
            return "revoked"
        return "good" if found.round == found.grant.round else "superseded"

    def access(self, token: str) -> Access | None:
        """Give what is known of an access token, whatever it is worth."""
        return self._access.get(token)

    def renewable(self, refresh: str, now: float) -> Grant | None:
        """Give the grant of a refresh token that is good, without using it."""
        found = self._refresh.get(refresh)
        return found.grant if found is not None and self._good(found, now) else None

    def spend(self, refresh: str, client_id: str, now: float) -> Grant | None:
        """Use a refresh token; gives its grant if it is good for this client.

        What this does to other tokens is done: whoever is given the grant gets the next tokens.
        """
        found = self._refresh.get(refresh)
        if found is None or found.grant.client_id != client_id:
            return None
        grant = found.grant
        if not self._good(found, now):
            if self.rules.reuse_revokes:
                grant.revoke()
            return None
        if found.used is None:
            found.used = now
        self._refresh.move_to_end(refresh)
        grant.used = max(grant.used, found.generation)
        if not self.rules.access_survives:
            grant.round += 1
        return grant

    def owner(self, token: str) -> Grant | None:
        """Give the grant of a token of either kind."""
        found = self._access.get(token) or self._refresh.get(token)
        return found.grant if found is not None else None

    def held(self) -> Iterator[tuple[str, Access | Refresh]]:
        """Give all tokens that are remembered, those of a kind oldest first."""
        yield from tuple(self._access.items())
        yield from tuple(self._refresh.items())

    def forget(self) -> None:
        """Forget all tokens."""
        self._access.clear()
        self._refresh.clear()

    def revoke(self, token: str) -> None:
        """Revoke a token (RFC 7009, 2.1): a refresh token takes its whole grant with it."""
        if token in self._access:
            self._access[token].revoked = True
        if token in self._refresh:
            self._refresh[token].grant.revoke()

    def __len__(self) -> int:
        """How many tokens are remembered."""
        return len(self._access) + len(self._refresh)

    def _good(self, token: Refresh, now: float) -> bool:
        if token.grant.revoked:
            return False
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

    def _sweep(self, now: float) -> None:
        """Forget access tokens whose time is long over: the oldest end first."""
        while self._access and next(iter(self._access.values())).ends + REMEMBERED <= now:
            self._access.popitem(last=False)
