"""Tokens that are JWTs (RFC 7519, RFC 9068), signed with a key of this run."""

import random
from functools import cached_property
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from wiretape.analysis.profile.texts import JsonText
from wiretape.replay.tokens import Grant

_KID = "wiretape-1"
_ALGORITHM = "RS256"


class Signer:
    """Signs, and publishes what verifies. The key is made when it is first used."""

    def sign(self, claims: dict[str, Any]) -> str:
        """Give a JWT in its compact form."""
        header = {"alg": _ALGORITHM, "kid": _KID, "typ": "JWT"}
        return jwt.encode(header, claims, self._key)

    def jwks(self) -> dict[str, Any]:
        """Give the set of public keys (RFC 7517, 5)."""
        public = self._key.as_dict(private=False)
        return {"keys": [{**public, "kid": _KID, "use": "sig", "alg": _ALGORITHM}]}

    @cached_property
    def _key(self) -> RSAKey:
        return RSAKey.generate_key(2048)


def claims(
    described: JsonText | None, grant: Grant, *, now: float, ends: float, dice: random.Random
) -> dict[str, Any]:
    """Make the claims that a profile describes: constants as they are, the rest of this grant.

    `described` is that of `token.access.claims`. Times are whole seconds (RFC 7519, 4.1).
    """
    ours: dict[str, Any] = {
        "iat": int(now),
        "nbf": int(now),
        "exp": int(ends),
        "jti": f"{dice.getrandbits(128):032x}",
        "sub": grant.subject,
        "client_id": grant.client_id,
        "azp": grant.client_id,
        "scope": grant.scope or "",
    }
    told: Any = described.value if described is not None else {}
    wanted = told.get("claims", {})
    if not wanted:
        return {name: ours[name] for name in ("iat", "exp", "jti", "sub", "client_id", "scope")}
    return {name: _claim(name, form, ours, dice) for name, form in wanted.items()}


def _claim(name: str, form: Any, ours: dict[str, Any], dice: random.Random) -> Any:
    form = form if isinstance(form, dict) else {}
    if "constant" in form:
        return form["constant"]
    if name in ours:
        return ours[name]
    kinds: dict[object, Any] = {"time": ours["iat"], "boolean": True, "array": [], "object": {}}
    kinds |= {"number": dice.randrange(1000), "integer": dice.randrange(1000)}
    return kinds.get(form.get("type"), f"{dice.getrandbits(64):016x}")
