"""Takes recorded URLs apart; one that cannot be taken apart (RFC 3986) has empty parts."""

import ipaddress
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> str:
    """Give scheme, host and port, the port only if it is not the scheme's own (RFC 6454)."""
    parts = _split(url)
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return f"{parts.scheme}://{parts.netloc}"
    host = f"[{host}]" if ":" in host else host
    own = port is None or port == _DEFAULT_PORTS.get(parts.scheme)
    return f"{parts.scheme}://{host}" if own else f"{parts.scheme}://{host}:{port}"


def path(url: str) -> str:
    """Give the path, at least "/"."""
    return _split(url).path or "/"


def endpoint(url: str) -> str:
    """Give the URL without its query and fragment."""
    return origin(url) + path(url)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine (RFC 6761, 6.3; RFC 8252, 7.3)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def query(url: str) -> dict[str, str]:
    """Give the query's parameters; of equal names the last counts."""
    try:
        return dict(parse_qsl(_split(url).query, keep_blank_values=True))
    except ValueError:
        return {}


def join(base: str, reference: str) -> str:
    """Resolve a reference such as a Location's (RFC 3986, section 5)."""
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")
