"""URIs of clients: those that browsers can be sent to."""

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
