"""JSON Web Tokens, read but not verified: what they say of themselves (RFC 7519).

A signed token (RFC 7515) has three parts, header, claims and signature; an encrypted one (RFC 7516)
has five, of which only the header can be read.
"""

import re
from base64 import urlsafe_b64decode
from typing import NamedTuple

import msgspec
from pydantic import JsonValue

_SIGNED, _ENCRYPTED = 3, 5
_PART = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
_OBJECT = msgspec.json.Decoder(dict[str, object])


class JwtError(ValueError):
    """A text that is not a JSON Web Token."""


class Jwt(NamedTuple):
    """A token's header and claims; the claims are `None` if they cannot be read."""

    header: dict[str, JsonValue]
    claims: dict[str, JsonValue] | None


def read(token: str) -> Jwt:
    """Read a token in its compact form; raises JwtError for what is none."""
    header, *rest = token.split(".")
    if len(rest) + 1 not in {_SIGNED, _ENCRYPTED}:
        raise JwtError("a JWT has three or five parts")
    if not all(map(_PART.fullmatch, rest)):
        raise JwtError("the parts of a JWT are base64url")
    first = _object(header)
    if first is None or "alg" not in first:  # RFC 7515, 4.1.1; RFC 7516, 4.1.1
        raise JwtError("the header of a JWT is a JSON object that names its algorithm")
    return Jwt(first, _object(rest[0]) if len(rest) + 1 == _SIGNED else None)


def _object(part: str) -> dict[str, JsonValue] | None:
    if not _PART.fullmatch(part):
        return None
    try:
        plain = urlsafe_b64decode(part + "=" * (-len(part) % 4))
        return _OBJECT.decode(plain)  # type: ignore[return-value]  # JSON decodes to JSON
    except (ValueError, RecursionError):
        return None
