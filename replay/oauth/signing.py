"""Tokens that are JWTs (RFC 7519, RFC 9068), signed with a key of this run."""

import json
import random
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from wiretape.analysis.profile.texts import JsonText, members
from wiretape.analysis.profile.values import Shape
from wiretape.replay.oauth.tokens import Grant

_KID = "wiretape-1"
_ALGORITHM = "RS256"
_HEADER, _CLAIMS = 0, 1
_SHORTEST = 8
"""Characters that an id has at least, however short the token is to be."""


class Signer:
    """Signs, and publishes what verifies. The key is made when it is first used.

    `described` and `shape` are the profile's of access tokens: what the header says, and in how
    many characters.
    """

    def __init__(self, described: JsonText | None = None, shape: Shape | None = None) -> None:
        said = _constants(described, "header")
        bare = {"alg": _ALGORITHM, "typ": said.get("typ", "JWT"), "kid": _KID}
        more = max(0, _missing(bare, shape, _HEADER, random.Random(0)))  # noqa: S311  # no secret
        self._header = bare | {"kid": _KID + "-" * bool(more) + "0" * (more - 1)}

    def sign(self, claims: dict[str, Any]) -> str:
        """Give a JWT in its compact form."""
        return jwt.encode(self._header, claims, self._key)

    def jwks(self) -> dict[str, Any]:
        """Give the set of public keys (RFC 7517, 5)."""
        public = self._key.as_dict(private=False)
        return {"keys": [{**public, "kid": self._header["kid"], "use": "sig", "alg": _ALGORITHM}]}

    @cached_property
    def _key(self) -> RSAKey:
        return RSAKey.generate_key(2048)


@dataclass(frozen=True)
class About:
    """What a token tells; times in seconds since 1970.

    `issuer` is told here in place of `recorded`, the profile's.
    """

    grant: Grant
    scope: str | None
    issuer: str | None
    recorded: str | None
    audience: str
    now: float
    ends: float


def claims(described: JsonText | None, about: About, *, dice: random.Random) -> dict[str, Any]:
    """Make the claims that a profile describes: constants as they are, the rest of this grant.

    `described` is that of `token.access.claims`. Times are whole seconds (RFC 7519, 4.1).
    """
    ours: dict[str, Any] = {
        "iss": about.issuer,
        "aud": about.audience,
        "iat": int(about.now),
        "nbf": int(about.now),
        "exp": int(about.ends),
        "jti": f"{dice.getrandbits(128):032x}",
        "sub": about.grant.subject,
        "client_id": about.grant.client_id,
        "azp": about.grant.client_id,
        "scope": about.scope or "",
        "scp": about.scope or "",
    }
    wanted = members(described).get("claims")
    if not (isinstance(wanted, dict) and wanted):
        named = ("iss", "aud", "iat", "exp", "jti", "sub", "client_id", "scope")
        return {name: ours[name] for name in named if ours[name] is not None}
    return {name: _claim(name, form, ours, about, dice) for name, form in wanted.items()}


def padded(
    told: dict[str, Any], described: JsonText | None, shape: Shape | None, *, dice: random.Random
) -> dict[str, Any]:
    """Make a token as long as the profile's: its id, which may be of any length, fills it up.

    Where the profile describes no such id, the length is what the claims make of it.
    """
    if "jti" not in told or "jti" in _constants(described, "claims"):
        return told
    more = _missing(told, shape, _CLAIMS, dice)
    length = max(_SHORTEST, len(told["jti"]) + more)
    return told | {"jti": f"{dice.getrandbits(4 * length):0{length}x}"} if more else told


def _claim(name: str, form: Any, ours: dict[str, Any], about: About, dice: random.Random) -> Any:
    form = form if isinstance(form, dict) else {}
    if name in {"scope", "scp"} and about.scope is not None:
        return about.scope.split() if form.get("type") == "array" else about.scope
    if name == "iss" and form.get("constant", about.recorded) == about.recorded:
        return about.issuer
    if "constant" in form:
        return form["constant"]
    if name in ours:
        return [ours[name]] if form.get("type") == "array" else ours[name]
    kinds: dict[object, Any] = {"time": ours["iat"], "boolean": True, "array": [], "object": {}}
    kinds |= {"number": dice.randrange(1000), "integer": dice.randrange(1000)}
    return kinds.get(form.get("type"), f"{dice.getrandbits(64):016x}")


def _constants(described: JsonText | None, part: str) -> dict[str, Any]:
    """Give the members of the header or of the claims that are the same in all tokens."""
    forms = members(described).get(part)
    return {
        name: form["constant"]
        for name, form in (forms if isinstance(forms, dict) else {}).items()
        if isinstance(form, dict) and "constant" in form
    }


def _missing(part: dict[str, Any], shape: Shape | None, at: int, dice: random.Random) -> int:
    """Tell how many bytes a part of a token lacks to be as long as the shape has it.

    n bytes are 4n/3 characters of base64url (RFC 4648, 5), without padding.
    """
    if shape is None or len(shape.segments) <= at:
        return 0
    length = shape.segments[at].length
    wanted = length if isinstance(length, int) else dice.randint(*length)
    return wanted * 3 // 4 - len(json.dumps(part, separators=(",", ":")).encode())
