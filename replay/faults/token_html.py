"""A page of whoever stands before the token endpoint, instead of its JSON."""

from pydantic import Field

from wiretape.replay.fault import Fault, Options, Strike, at
from wiretape.replay.http.messages import Reply, text

_PAGE = (
    "<!doctype html>\n<html><head><title>Service unavailable</title></head>\n"
    "<body><h1>Service unavailable</h1><p>Please try again later.</p></body></html>\n"
)


class _Options(Options):
    status: int = Field(503, ge=200, le=599, description="the status, which may be 200")


def _before(strike: Strike[_Options]) -> Reply:
    return text(strike.options.status, _PAGE, "text/html; charset=utf-8")


FAULT = Fault(
    about="tokens",
    title="the token endpoint answers with an HTML page",
    finds="clients that show a JSON parser's error to their user, or throw tokens away",
    options=_Options,
    concerns=at("token"),
    before=_before,
)
