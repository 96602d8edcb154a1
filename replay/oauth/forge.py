"""Makes everything that is new each time, in the shapes of a profile."""

import random
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.texts import JsonText
from wiretape.analysis.profile.values import Shape
from wiretape.replay.http.origins import Origins
from wiretape.replay.oauth.documents import issuer
from wiretape.replay.oauth.resources import Resources
from wiretape.replay.oauth.shapes import made, stems
from wiretape.replay.oauth.signing import About, Signer, claims, padded
from wiretape.replay.oauth.tokens import Grant


@dataclass(frozen=True)
class Forge:
    """Makes tokens and ids. With seeded `dice` they are the same each run, but for signatures."""

    profile: Profile
    origins: Origins
    dice: random.Random
    signer: Signer
    issuer: str | None = None

    @cached_property
    def resources(self) -> Resources:
        """What tokens may be for."""
        return Resources(self.profile, self.origins)

    def grant(
        self,
        number: int,
        client_id: str,
        scope: str | None,
        resource: str | None,
        *,
        subject: str = "user-1",
    ) -> Grant:
        """Make a grant with what its tokens will have in common."""
        access, refresh = self.profile.token.access.shape, self.profile.token.refresh.shape
        common = stems(access, dice=self.dice)
        alike = access is not None and refresh is not None and access.segments == refresh.segments
        return Grant(
            number,
            client_id,
            scope,
            stems=common,
            refresh_stems=common if alike else stems(refresh, dice=self.dice),
            resource=resource,
            subject=subject,
        )

    def code(self, grant: Grant, now: float, ends: float) -> str:
        """Make an authorization code; if it is shaped like an access token, it begins like one."""
        shape = self.profile.authorization.code
        access = self.profile.token.access.shape
        if shape is not None and access is not None and _alike(shape, access):
            shape = access
        return self._token(shape, grant.stems) or self._signed(
            shape, self._about(grant, grant.scope, now, ends)
        )

    def access(self, grant: Grant, now: float, ends: float, *, scope: str | None) -> str:
        """Make an access token."""
        shape = self.profile.token.access.shape
        return self._token(shape, grant.stems) or self._signed(
            shape, self._about(grant, scope, now, ends), self.profile.token.access.claims
        )

    def refresh(self, grant: Grant, now: float, ends: float) -> str:
        """Make a refresh token."""
        shape = self.profile.token.refresh.shape
        return self._token(shape, grant.refresh_stems) or self._signed(
            shape, self._about(grant, grant.scope, now, ends)
        )

    def client_id(self) -> str:
        """Make a client id."""
        return made(self.profile.registration.client_id, dice=self.dice)

    def session_id(self) -> str:
        """Make the id of an MCP session."""
        return made(self.profile.transport.session_id.shape, dice=self.dice)

    def secret(self) -> str:
        """Make a client secret."""
        return made(None, dice=self.dice)

    def _token(self, shape: Shape | None, common: tuple[str, ...]) -> str | None:
        """Make a token that says nothing; None if it is to be a JWT."""
        if shape is not None and shape.kind == "jwt":
            return None
        return made(shape, common, dice=self.dice)

    def _signed(self, shape: Shape | None, about: About, described: JsonText | None = None) -> str:
        told = claims(described, about, dice=self.dice)
        here = {name: self._here(value) for name, value in told.items()}
        return self.signer.sign(padded(here, described, shape, dice=self.dice))

    def _about(self, grant: Grant, scope: str | None, now: float, ends: float) -> About:
        audience = self.resources.audience(grant.resource)
        return About(grant, scope, self.issuer, issuer(self.profile), audience, now, ends)

    def _here(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._here(each) for each in value]
        return self.origins.rewritten(value) if isinstance(value, str) else value


def _alike(one: Shape, other: Shape) -> bool:
    """Tell whether two shapes differ in nothing but what is stable."""
    plain = [[(part.length, part.alphabet) for part in shape.segments] for shape in (one, other)]
    return plain[0] == plain[1] and one.separator == other.separator
