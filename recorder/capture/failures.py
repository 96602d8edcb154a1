"""Why an exchange broke off, told from the words of whoever noticed: mitmproxy or a browser."""

import re

from wiretape.recorder.capture.tap import ErrorKind, Tap

_RESOLVER = re.compile(r"\[Errno -\d+\]|getaddrinfo|[Nn]ame or service not known|ERR_NAME_")
_CONNECT = re.compile(
    r"\[Errno \d+\]|[Cc]onnect(?:ion)? (?:call failed|refused|killed|cancelled)"
    r"|refused HTTP CONNECT|ERR_(?:CONNECTION|ADDRESS|PROXY|TUNNEL)_"
)
_TLS = re.compile(r"TLS|[Cc]ertificate|SSL|ERR_CERT_")
_CLIENT_LEFT = re.compile(
    r"[Cc]lient (?:disconnected|closed)|stream reset by client|ERR_(?:ABORTED|BLOCKED_)"
)


def broke_off(tap: Tap, detail: str, peer: str) -> None:
    """Tell a tap who broke off, or what stood in the way of `peer`'s response."""
    if _CLIENT_LEFT.search(detail):
        tap.aborted("client abort", detail)
    elif tap.responded:
        tap.aborted("server abort", detail)
    else:
        tap.failed(kind(detail), detail, peer)


def kind(detail: str) -> ErrorKind:
    """Tell how far a failed request came."""
    if _RESOLVER.search(detail):
        return "dns"
    if _TLS.search(detail):
        return "tls"
    if _CONNECT.search(detail):
        return "connect"
    return "protocol"
