"""Where the endpoint is."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse

from bridge import authorization, discovery
from bridge.origins import base_of
from bridge.web import Guard
from mutants.mistake import mistake, replace


def _redirecting(status: int, *, absolute: bool) -> None:
    """Redirect from the endpoint with a slash to that without."""
    answer = Guard.__call__

    async def careless(self: Guard, scope: Any, receive: Any, send: Any) -> None:
        if scope.get("path") != "/mcp/":
            await answer(self, scope, receive, send)
            return
        host = Request(scope).headers["host"] if absolute else ""
        led = RedirectResponse(f"http://{host}/mcp" if absolute else "/mcp", status)
        await led(scope, receive, send)

    replace(Guard, "__call__", careless)


def _ignoring_tls(module: Any) -> None:
    replace(module, "base_of", lambda request: base_of(request).replace("https:", "http:"))


@mistake(fails="place.slash")
def a_slash_makes_a_get_of_a_post() -> None:
    """The endpoint with a slash is redirected by 301."""
    _redirecting(301, absolute=False)


@mistake(fails="place.redirect-to-http")
def a_slash_loses_tls() -> None:
    """The endpoint with a slash is redirected to http, behind TLS too."""
    _redirecting(307, absolute=True)


@mistake(fails="place.https-urls")
def documents_ignore_tls() -> None:
    """The documents have the URLs that the bridge has without its proxy."""
    _ignoring_tls(discovery)


@mistake(fails="place.https-callback")
def the_callback_ignores_tls() -> None:
    """Users come back to the URL that the bridge has without its proxy."""
    _ignoring_tls(authorization)
