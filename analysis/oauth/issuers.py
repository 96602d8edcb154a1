"""Issuers and resources: what a metadata document's URL was made from, and whether it names that.

RFC 8414, section 3, and RFC 9728, section 3, put a well-known part between host and path; OpenID
Connect Discovery 1.0, section 4, puts it after the path.
"""

import re
import string

from wiretape.recorder.log.urls import endpoint, origin

_WELL_KNOWN = "/.well-known/"
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_UNRESERVED = frozenset(string.ascii_letters + string.digits + "-._~")


def made_from(url: str) -> str:
    """Give the identifier that a metadata document's URL was made from."""
    start, _, rest = endpoint(url).partition(_WELL_KNOWN)
    return start + "".join(rest.partition("/")[1:])


def same(one: str, other: str) -> bool:
    """Tell whether two identifiers are the same, but for a closing slash.

    The case of scheme and host makes no difference, nor do a default port and escapes that need
    not be (RFC 3986, sections 6.2.2.1, 6.2.2.2 and 6.2.3).
    """
    return _normal(one) == _normal(other)


def _normal(identifier: str) -> str:
    bare = re.split("[?#]", identifier, maxsplit=1)[0]
    rest = identifier[len(bare) :]
    home = origin(bare)
    known = not home.startswith("://") and not home.endswith("://")
    return _ESCAPE.sub(_escape, (endpoint(bare) if known else bare).rstrip("/") + rest)


def _escape(found: re.Match[str]) -> str:
    char = chr(int(found[0][1:], 16))
    return char if char in _UNRESERVED else found[0].upper()
