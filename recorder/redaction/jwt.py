"""JSON Web Tokens (RFC 7519) with their secrets replaced, that can still be decoded.

Of a signed token (RFC 7515) header and payload stay JSON. Of an encrypted one (RFC 7516) only the
header can be read, everything else is a secret.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

KEPT_IN_HEADER = frozenset({"alg", "typ", "kid", "cty", "enc", "zip", "kty", "crv", "use"})
"""Members of a header, or of a key in it, that say how the token is made, not for whom."""

KEPT_CLAIMS = frozenset(
    {"exp", "iat", "nbf", "auth_time", "iss", "aud", "scope", "scp", "token_type"}
)
"""Claims that an analysis needs."""

_SIGNED = 3


class Readers(NamedTuple):
    """What becomes of a token's texts.

    `claim` replaces a text, `number` a number's digits, `opaque` a part that cannot be read;
    `kept` looks through a text that stays.
    """

    claim: Callable[[str], str]
    number: Callable[[str], str]
    opaque: Callable[[str], str]
    kept: Callable[[str], str]


def rewrite(token: str, readers: Readers) -> str | None:
    """Replace the secrets of a token, part by part; None if its header cannot be read."""
    header, *rest = token.split(".")
    first = _rewrite_part(header, KEPT_IN_HEADER, readers)
    if first is None:
        return None
    if len(rest) == _SIGNED - 1:
        payload = _rewrite_part(rest[0], KEPT_CLAIMS, readers) or readers.opaque(rest[0])
        return ".".join((first, payload, readers.opaque(rest[1])))
    return ".".join((first, *map(readers.opaque, rest)))


def _rewrite_part(part: str, kept: frozenset[str], readers: Readers) -> str | None:
    """Replace what is secret in one part; None if it is not the JSON of an object."""
    try:
        plain = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)), parse_constant=_refuse)
        if not isinstance(plain, dict):
            return None
        replaced = _replace(plain, kept, readers)
        if replaced == plain:
            return part
        text = json.dumps(replaced, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")
    except (ValueError, OverflowError, RecursionError):
        return None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _replace(value: Any, kept: frozenset[str], readers: Readers) -> Any:
    if isinstance(value, dict):
        return {
            name: (_keep if name in kept else partial(_replace, kept=kept))(item, readers=readers)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_replace(item, kept, readers) for item in value]
    if isinstance(value, str):
        return readers.claim(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        whole = type(value)(readers.number(str(int(abs(value)))))
        return -whole if value < 0 else whole
    return value


def _keep(value: Any, readers: Readers) -> Any:
    if isinstance(value, dict):
        return {name: _keep(item, readers) for name, item in value.items()}
    if isinstance(value, list):
        return [_keep(item, readers) for item in value]
    return readers.kept(value) if isinstance(value, str) else value
