"""Where OAuth carries URLs of servers: its JSON documents, and the challenge of a 401."""

import json
import re
from collections.abc import Callable
from typing import Any

_SCOPE = re.compile(r"""(\bscope\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s,"]*))""", re.IGNORECASE)
_RESOURCE_METADATA = re.compile(r"""\bresource_metadata\s*=\s*"?([^\s,"]+)""", re.IGNORECASE)


def is_metadata_url(name: str) -> bool:
    """Whether a member of RFC 8414, RFC 9728 or OIDC metadata is a URL of a server.

    Those that name a document for people, a scope or a client are not: nobody calls or compares
    them.
    """
    return name.endswith("_endpoint") or name in (
        "issuer",
        "resource",
        "authorization_servers",
        "jwks_uri",
    )


def is_registration_url(name: str) -> bool:
    """Whether a member of a registration answer is a URL of the server (RFC 7592, section 3)."""
    return name == "registration_client_uri"


def changed(body: bytes, names: Callable[[str], bool], change: Callable[[str, str], str]) -> bytes:
    """Give a JSON document in which `change(name, text)` stands for the texts of such members.

    What is no JSON, and what nothing changes in, stays as it is to the byte.
    """
    try:
        document = json.loads(body)
        rewritten = _walk(document, "", names, change)
    except (ValueError, RecursionError):
        return body
    return body if rewritten == document else json.dumps(rewritten).encode()


def resource_metadata(challenge: str) -> str | None:
    """Give the URL of the metadata that a WWW-Authenticate header names (RFC 9728, section 5.1)."""
    found = _RESOURCE_METADATA.search(challenge)
    return found[1] if found else None


def challenge(value: str, change: Callable[[str], str]) -> str:
    """Change a WWW-Authenticate header but for its scope, which may look like URLs."""
    parts = _SCOPE.split(value)
    return "".join(part if index % 2 else change(part) for index, part in enumerate(parts))


def _walk(
    value: Any, name: str, names: Callable[[str], bool], change: Callable[[str, str], str]
) -> Any:
    match value:
        case dict():
            return {key: _walk(member, key, names, change) for key, member in value.items()}
        case list():
            return [_walk(item, name, names, change) for item in value]
        case str() if names(name):
            return change(name, value)
        case _:
            return value
