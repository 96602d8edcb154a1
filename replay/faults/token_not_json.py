"""Tokens come form-encoded, as drafts of OAuth 2.0 had it before RFC 6749, 5.1."""

from urllib.parse import urlencode

from wiretape.replay.fault import Fault, Options, Strike, at
from wiretape.replay.http.messages import Reply


def _after(strike: Strike[Options], reply: Reply) -> Reply:
    del strike
    form = urlencode(reply.told).encode()
    return reply.setting("content-type", "application/x-www-form-urlencoded").saying(form)


FAULT = Fault(
    about="tokens",
    title="the token endpoint answers 200 with something other than JSON: a form",
    finds="clients that parse without a look at the content type",
    options=Options,
    concerns=at("token"),
    only=lambda reply: reply.status == 200 and "access_token" in reply.told,
    after=_after,
)
