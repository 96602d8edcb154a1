"""The authorization endpoint, there and back (OAuth 2.1; RFC 6749, 4.1; RFC 7636; RFC 9207)."""

import hmac
import secrets
import time
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bridge.errors import RefusedError, UpstreamError
from bridge.forms import UNSTORED, OAuthError, form_of
from bridge.grants import Grants
from bridge.origins import base_of, is_loopback
from bridge.settings import Settings
from bridge.store import Store
from bridge.upstream_oauth import UpstreamOAuth

_CODE_SECONDS = 60
_ASKING_SECONDS = 600

type Form = Mapping[str, str]


class Authorization:
    """Takes users to the service behind and back, and gives clients codes."""

    def __init__(
        self, settings: Settings, store: Store, grants: Grants, upstream: UpstreamOAuth
    ) -> None:
        self._settings = settings
        self._store = store
        self._grants = grants
        self._upstream = upstream

    async def authorize(self, request: Request) -> Response:
        """Begin to authorize: the user goes on to the service behind, or first is asked here.

        Errors go back to the client only if it is known where that is.
        """
        asked = dict(request.query_params)
        client = self._store.get("client", asked.get("client_id", ""))
        if client is None:
            return _page("This client is not registered here.", 400)
        if asked.get("redirect_uri") not in client["redirect_uris"]:  # exact: OAuth 2.1, 4.1.1
            return _page("This client is not registered with where it wants you sent to.", 400)
        wrong = self._wrong(request, asked)
        if wrong is not None:
            return _back(request, asked, error=wrong)
        state, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        wish = {
            "client_id": client["client_id"],
            "redirect_uri": asked["redirect_uri"],
            "state": asked.get("state"),
            "challenge": asked["code_challenge"],
            "scope": asked.get("scope") or " ".join(self._settings.scopes),
            "verifier": secrets.token_urlsafe(48),
            "browser": browser,
        }
        self._store.put("wish", state, wish, time.time() + _ASKING_SECONDS)
        if is_loopback(asked["redirect_uri"]):
            answer = await self._onwards(request, state, wish)
        else:
            answer = _asked(client["client_name"], asked["redirect_uri"], state)
        answer.set_cookie(
            _cookie(state),
            browser,
            max_age=_ASKING_SECONDS,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
        return answer

    async def consent(self, request: Request) -> Response:
        """Take the user's consent to a client elsewhere: it is they who are asked, in person.

        Upstream all clients are one, so that a user who has consented there once would not be asked
        again: MCP's security practices, "confused deputy".
        """
        try:
            form = await form_of(request)
        except OAuthError as error:
            return error.reply
        state = form.get("state", "")
        wish = self._store.get("wish", state)
        if wish is None or not _same_browser(request, state, wish):
            return _page("This was not asked of you, or too long ago.", 400)
        if form.get("consent") != "yes":
            self._store.take("wish", state)
            return _back(request, wish, error="access_denied")
        return await self._onwards(request, state, wish)

    async def callback(self, request: Request) -> Response:
        """Take the user back from the service behind, and send them on to the client.

        The state is good once, and only in the browser in which it was made.
        """
        told = dict(request.query_params)
        state = told.get("state", "")
        wish = self._store.take("wish", state)
        if wish is None or not _same_browser(request, state, wish):
            return _page("This was not asked of you, or too long ago.", 400)
        try:
            await self._upstream.check_issuer(told.get("iss"))
            if "code" not in told:
                return _back(request, wish, error=told.get("error", "server_error"))
            callback = f"{base_of(request)}/callback"
            tokens = await self._upstream.exchange(
                callback, told["code"], wish["verifier"], wish["scope"]
            )
        except RefusedError:
            return _back(request, wish, error="access_denied")
        except UpstreamError as error:
            busy = "temporarily_unavailable" if error.status in {429, 504} else "server_error"
            return _back(request, wish, error=busy)
        grant = self._grants.begin(wish["client_id"], callback, tokens)
        code = secrets.token_urlsafe(32)
        issued = wish | {"grant": grant.id}
        self._store.put("code", code, issued, time.time() + _CODE_SECONDS)
        return _back(request, wish, code=code)

    def _wrong(self, request: Request, asked: Form) -> str | None:
        """Tell by its name what is wrong with a wish (RFC 6749, 4.1.2.1)."""
        if asked.get("response_type") != "code":
            return "unsupported_response_type"
        if len(asked) != len(request.query_params.multi_items()):
            return "invalid_request"
        if (
            len(asked.get("code_challenge", "")) != 43
            or asked.get("code_challenge_method") != "S256"
        ):
            return "invalid_request"  # PKCE is required, and S256 (RFC 7636, 4.4.1)
        if not {*(asked.get("scope") or "").split()} <= {*self._settings.scopes}:
            return "invalid_scope"
        base = base_of(request)
        if asked.get("resource", base).rstrip("/") not in {base, f"{base}/mcp"}:
            return "invalid_target"  # RFC 8707, 2
        return None

    async def _onwards(self, request: Request, state: str, wish: dict[str, Any]) -> Response:
        """Send the user to the service behind, with the bridge's own state and challenge."""
        scopes = dict.fromkeys([*wish["scope"].split(), "offline_access"])
        try:
            url = await self._upstream.authorize_url(
                f"{base_of(request)}/callback", state, wish["verifier"], " ".join(scopes)
            )
        except UpstreamError:
            return _back(request, wish, error="temporarily_unavailable")
        return RedirectResponse(url, 303, {"referrer-policy": "no-referrer"})


def _back(request: Request, wish: Mapping[str, Any], **told: str) -> Response:
    """Send the user back to the client, with its state (RFC 6749, 4.1.2; RFC 9207)."""
    state = {} if wish.get("state") is None else {"state": wish["state"]}
    query = urlencode(told | state | {"iss": base_of(request)})
    uri = wish["redirect_uri"]
    url = f"{uri}{'&' if urlsplit(uri).query else '?'}{query}"
    return RedirectResponse(url, 302, {"referrer-policy": "no-referrer"} | UNSTORED)


def _same_browser(request: Request, state: str, wish: Mapping[str, Any]) -> bool:
    shown = request.cookies.get(_cookie(state), "")
    return hmac.compare_digest(shown.encode(), wish["browser"].encode())


def _cookie(state: str) -> str:
    """Name the cookie of one authorization: a browser may be about several at once."""
    return f"bridge-{sha256(state.encode()).hexdigest()[:16]}"


def _asked(client: str, uri: str, state: str) -> Response:
    where = urlsplit(uri)
    return _page(
        f"<b>{escape(client)}</b>, which runs at <b>{escape(where.netloc or where.scheme)}</b>,"
        " wants to act for you. Go on only if it was you who asked it to."
        f'<form method="post" action="/consent"><input type="hidden" name="state" value="{state}">'
        '<button name="consent" value="yes">Go on</button>'
        '<button name="consent" value="no">No</button></form>'
    )


def _page(text: str, status: int = 200) -> Response:
    """Give a page that cannot be framed and runs nothing."""
    headers = {
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "referrer-policy": "no-referrer",
        **UNSTORED,
    }
    return HTMLResponse(f"<!doctype html><title>Authorize</title><p>{text}", status, headers)
