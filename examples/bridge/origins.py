"""Where the bridge is, and what is on the user's own machine."""

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import Request


def base_of(request: Request) -> str:
    """Give the bridge's own origin, as the client or the proxy that is trusted calls it."""
    return f"{request.url.scheme}://{request.headers['host']}"


def is_loopback(uri: str) -> bool:
    """Tell whether a redirect URI is a program on the user's machine (RFC 8252, 7.3)."""
    host = urlsplit(uri).hostname or ""
    try:
        return urlsplit(uri).scheme == "http" and ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
