"""The page on which a user consents, and the form that answers it.

The page needs no script, and loads nothing: its policy allows its one style sheet. The form's
answer counts only from the browser that was shown the page: the ticket in the form and the cookie
beside it belong together, and both are good once. No `form-action` is set, because browsers hold
the redirects after a form to it, and where a client's callback leads on to is not known.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie
from typing import NamedTuple
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from wiretape.recorder.log.printable import printable
from wiretape.replay.http.messages import Ask, Reply
from wiretape.replay.oauth.errors import OAuthError
from wiretape.replay.oauth.state import Pending, Wish
from wiretape.replay.recent import Recent

_PACKAGE = "wiretape.replay.oauth"


class Answer(NamedTuple):
    """What a user decided."""

    wish: Wish
    user: str
    allowed: bool


def page(wish: Wish, users: Sequence[str], service: str, ticket: str, cookie: str) -> Reply:
    """Show the page; the first of the users is chosen until another is."""
    template, policy = _template()
    shown = template.render(
        service=service,
        name=wish.client.name or wish.client.id,
        client_id=wish.client.id,
        back=_place(wish.back),
        scopes=(wish.scope or "").split(),
        resource=wish.resource,
        users=users,
        ticket=ticket,
    )
    headers = (
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("content-security-policy", policy),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("set-cookie", f"{_cookie(ticket)}={cookie}; Path=/; HttpOnly; SameSite=Strict"),
    )
    return Reply(200, headers, shown.encode())


def answer(form: Mapping[str, str], ask: Ask, pending: Recent[Pending], now: float) -> Answer:
    """Read the form. Raises OAuthError if it is not the answer to a page that is waiting."""
    ticket = form.get("ticket", "")
    shown = pending.get(ticket)
    if shown is None or now >= shown.ends:
        raise OAuthError("invalid_request", "The page is answered already, or too old")
    if not compare_digest(_sent(ask, ticket).encode(), shown.cookie.encode()):
        raise OAuthError("invalid_request", "The page was shown in another browser")
    del pending[ticket]
    return Answer(shown.wish, form.get("user", ""), form.get("decision") == "allow")


def _sent(ask: Ask, ticket: str) -> str:
    """Give the page's cookie as the browser sent it."""
    try:
        found = SimpleCookie(ask.headers.get("cookie", "")).get(_cookie(ticket))
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _cookie(ticket: str) -> str:
    """Name the cookie, so that several pages can wait in one browser."""
    return f"consent-{ticket[:8]}"


def _place(uri: str) -> str:
    """Tell where a browser is sent on to: the host, or the scheme of an app."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"


@cache
def _template() -> tuple[Template, str]:
    """Give the page's template, and the policy that allows its style sheet (CSP 3)."""
    loader = PackageLoader(_PACKAGE)
    found = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_plain,
    )
    style = loader.get_source(found, "consent.css")[0]
    found.globals["style"] = Markup(style)  # noqa: S704  # our own
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
    return found.get_template("consent.html"), policy + "frame-ancestors 'none'"


def _plain(value: object) -> object:
    """Show what a browser might obey or hide."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else printable(value)
