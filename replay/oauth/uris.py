"""URIs of clients: those that browsers can be sent to, and those on this machine."""

import ipaddress
from urllib.parse import urlsplit


def usable(uri: object) -> bool:
    """Tell whether it is an absolute URI without a fragment (RFC 6749, 3.1.2; RFC 3986, 2)."""
    if not (isinstance(uri, str) and uri.isascii() and uri.isprintable() and " " not in uri):
        return False
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return bool(parts.scheme) and bool(parts.netloc or parts.path) and not parts.fragment


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine (RFC 6761, 6.3; RFC 8252, 7.3)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
