"""The parameters of requests, which no request may have twice (RFC 6749, 3.1 and 3.2)."""

from collections import Counter
from collections.abc import Iterable
from urllib.parse import parse_qsl

from wiretape.replay.http.messages import Ask, decoded
from wiretape.replay.oauth.errors import OAuthError

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
_RESOURCE = "resource"


def of_query(ask: Ask) -> dict[str, str]:
    """Read the parameters of a URL."""
    return _unique(parse_qsl(ask.query, keep_blank_values=True))


def of_body(ask: Ask) -> dict[str, str]:
    """Read the parameters of a body, however they are written."""
    try:
        if ask.media_type == JSON:
            told = decoded(ask.body)
            told = told if isinstance(told, dict) else {}
            return {name: value for name, value in told.items() if isinstance(value, str)}
        if ask.media_type == FORM:
            return _unique(parse_qsl(ask.body.decode(), keep_blank_values=True))
    except ValueError as error:
        raise OAuthError("invalid_request", "The body cannot be read") from error
    raise OAuthError("invalid_request", f"The body must be {FORM}")


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found = list(pairs)
    twice = [name for name, times in Counter(name for name, _ in found).items() if times > 1]
    if twice == [_RESOURCE]:
        raise OAuthError("invalid_target", "Tokens are for one resource at a time")
    if twice:
        raise OAuthError("invalid_request", "A parameter is there more than once")
    return dict(found)
