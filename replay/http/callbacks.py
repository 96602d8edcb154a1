"""What the authorization endpoint sends back to clients by their redirect URIs, altered."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from wiretape.replay.http.messages import Reply

type Parameters = dict[str, str]


def granted(reply: Reply) -> bool:
    """Tell whether a reply is a redirect with a code."""
    return "code" in _parameters(reply.header("location") or "")


def told(reply: Reply, change: Callable[[Parameters], Parameters]) -> Reply:
    """Give a redirect with other parameters."""
    location = reply.header("location") or ""
    changed = urlsplit(location)._replace(query=urlencode(change(_parameters(location))))
    return reply.setting("location", urlunsplit(changed))


def refused(reply: Reply, error: str, description: str) -> Reply:
    """Make an error of a redirect with a code (RFC 6749, 4.1.2.1)."""
    said = {"error": error, "error_description": description}
    return told(reply, lambda given: {key: given[key] for key in given if key != "code"} | said)


def _parameters(location: str) -> Parameters:
    return dict(parse_qsl(urlsplit(location).query, keep_blank_values=True))
