"""Whose browser it is: no service of which all know the password can tell, so the browser says it.

Whoever drives the browser sets the cookie `wiretape_user` at the authorization server's origin, the
user's name percent-encoded (RFC 3986, 2.1) where it is not plain.
"""

from urllib.parse import unquote

from wiretape.replay.http.messages import Ask

USER = "wiretape_user"


def user(ask: Ask) -> str | None:
    """Give the user whom the cookie names, if there is one (RFC 6265, 4.2.1)."""
    for pair in ask.headers.get("cookie", "").split(";"):
        name, _, value = pair.partition("=")
        if name.strip() == USER:
            return unquote(value.strip().strip('"'))
    return None
