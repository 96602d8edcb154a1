"""Access tokens that are not good."""

import json
import sys
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from joserfc import jwt

from bridge import tokens
from bridge.grants import Grant, Grants
from bridge.tokens import BadTokenError, Tokens
from mutants.mistake import mistake, replace


def _otherwise(grant_of: Callable[[Tokens, str], str | None]) -> None:
    """Take tokens that are refused, if this gives their grant."""
    good = Tokens.grant_of

    def careless(self: Tokens, token: str, base: str) -> str:
        try:
            return good(self, token, base)
        except BadTokenError:
            found = grant_of(self, token)
            if found is None:
                raise
            return found

    replace(Tokens, "grant_of", careless)


def _claims(token: str) -> Any:
    """Read a JWT without verifying it."""
    part = token.split(".")[1]
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@mistake(fails="bearer.malformed")
def an_empty_jwt_is_a_server_error() -> None:
    """That parts of a token are empty is not foreseen."""

    def grant_of(_: Tokens, token: str) -> None:
        if token == "..":
            raise RuntimeError("no header")

    _otherwise(grant_of)


@mistake(fails="bearer.altered")
def tokens_are_known_by_their_content() -> None:
    """To be quick, a token that was issued is looked up by a part of it."""
    known: dict[str, tuple[str, float]] = {}
    access = Tokens.access

    def noted(self: Tokens, grant: Grant, base: str) -> tuple[str, int]:
        token, lifetime = access(self, grant, base)
        known[token.split(".")[3]] = grant.id, time.time() + lifetime
        return token, lifetime

    def grant_of(_: Tokens, token: str) -> str | None:
        found, ends = known.get(token.split(".")[3] if token.count(".") == 4 else "", (None, 0))
        return found if time.time() < ends else None

    replace(Tokens, "access", noted)
    _otherwise(grant_of)


@mistake(fails="bearer.foreign", also=("bearer.altered", "bearer.unsigned", "leak.readable"))
def signatures_are_not_verified() -> None:
    """Whatever a signed token says is believed, until it is over."""

    def grant_of(_: Tokens, token: str) -> str | None:
        claims = _claims(token) if token.count(".") == 2 and len(token) > 2 else {}
        return claims.get("sub") if claims.get("exp", 0) > time.time() else None

    sys.argv.append("--signed-jwt")
    _otherwise(grant_of)


@mistake(fails="bearer.unsigned", also=("leak.readable",))
def no_signature_is_a_good_one() -> None:
    """A token may say that it is not signed."""

    def grant_of(_: Tokens, token: str) -> str | None:
        none = token.count(".") == 2 and token.endswith(".") and len(token) > 2
        return str(_claims(token)["sub"]) if none else None

    sys.argv.append("--signed-jwt")
    _otherwise(grant_of)


@mistake(fails="bearer.refresh-token")
def refresh_tokens_are_access_tokens() -> None:
    """It is not looked at which kind a token is of."""

    def grant_of(self: Tokens, token: str) -> str | None:
        try:
            return self.refresh_of(token).grant
        except BadTokenError:
            return None

    _otherwise(grant_of)


@mistake(fails="bearer.service")
def the_services_tokens_are_taken() -> None:
    """A token that the service has issued to the bridge is good for clients, too."""
    known: dict[str, str] = {}
    begin = Grants.begin

    def noted(self: Grants, client_id: str, callback: str, issued: Any) -> Grant:
        grant = begin(self, client_id, callback, issued)
        known[issued.access] = grant.id
        return grant

    replace(Grants, "begin", noted)
    _otherwise(lambda _, token: known.get(token))


def _leeway(seconds: int) -> None:
    def lenient(**wanted: Any) -> Any:
        return jwt.JWTClaimsRegistry(leeway=seconds, **wanted)

    kept = {"encode": jwt.encode, "decode": jwt.decode}
    replace(tokens, "jwt", SimpleNamespace(**kept, JWTClaimsRegistry=lenient))


@mistake(fails="bearer.expired")
def tokens_are_never_over() -> None:
    """The time in a token is read, with an hour's leeway."""
    _leeway(3600)


@mistake(fails="bearer.expired")
def tokens_are_over_late() -> None:
    """The time in a token is read with a leeway that nobody has said."""
    _leeway(4)
