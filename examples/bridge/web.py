"""The bridge on the web: who may call, and where what is."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx2
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.authorization import Authorization
from bridge.discovery import Discovery
from bridge.endpoint import Endpoint
from bridge.grants import Grants
from bridge.sessions import Sessions
from bridge.settings import Settings
from bridge.store import Store, derived, secret_in
from bridge.token_endpoint import TokenEndpoint
from bridge.tokens import Tokens
from bridge.upstream_oauth import UpstreamOAuth

_DAY = 86_400
_OAUTH_HEADERS = ("Authorization", "Content-Type", "MCP-Protocol-Version")
_MCP_HEADERS = (*_OAUTH_HEADERS, "Accept", "Last-Event-ID", "Mcp-Session-Id")

log = logging.getLogger("bridge")


class Guard:
    """Lets through what is meant for this bridge, and notes it: never the query, it holds codes.

    The `Host` header must be a name of the bridge, so that no page reaches it by a name of its own
    (DNS rebinding). What proxies say of scheme and host is believed only of those that are trusted.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if (scope.get("client") or ("",))[0] in self._settings.proxies:
            scope = _forwarded(scope)

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                log.info("%s %s %s", scope["method"], scope["path"], message["status"])
            await send(message)

        headers = Headers(scope=scope)
        origin, origins = headers.get("origin"), self._settings.origins
        if headers.get("host") not in self._settings.hosts:
            answer = JSONResponse({"error": "this is not the host you asked for"}, 421)
        elif origin is not None and not origins & {"*", origin}:
            answer = JSONResponse({"error": "pages of this origin may not call"}, 403)
        else:
            await self._app(scope, receive, noted)
            return
        await answer(scope, receive, noted)


def _forwarded(scope: Scope) -> Scope:
    """Take scheme and host as the client sees them."""
    headers = MutableHeaders(raw=list(scope["headers"]))
    if "x-forwarded-host" in headers:
        headers["host"] = headers["x-forwarded-host"]
    scheme = headers.get("x-forwarded-proto", "").lower()
    known = scheme if scheme in {"http", "https"} else scope["scheme"]
    return {**scope, "headers": headers.raw, "scheme": known}


def bridge(settings: Settings) -> Starlette:
    """Make the application."""
    secret = secret_in(settings.store.with_suffix(".key"))
    store = Store(settings.store, derived(secret, "store"))
    http = httpx2.AsyncClient(
        timeout=httpx2.Timeout(settings.timeout, connect=10),
        limits=httpx2.Limits(max_connections=None),  # each session may hold a stream open
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # users share the client
    )
    upstream = UpstreamOAuth(settings, store, http)
    grants = Grants(store, upstream)
    tokens = Tokens(secret, signed=settings.signed_jwt, seconds=settings.token_seconds)
    sessions = Sessions(settings, grants, http)
    endpoint = Endpoint(tokens, grants, sessions)
    discovery = Discovery(settings, store)
    oauth = Authorization(settings, store, grants, upstream)
    issuing = TokenEndpoint(store, grants, tokens)

    @asynccontextmanager
    async def living(_: Starlette) -> AsyncIterator[None]:
        async with http:
            yield
            await sessions.close()

    mcp = _cors(settings, ["GET", "POST", "DELETE"], _MCP_HEADERS)
    public = _cors(settings, ["GET", "POST"], _OAUTH_HEADERS)
    methods = ["GET", "POST", "DELETE", "OPTIONS"]
    routes = [
        *(Route(at, endpoint.answer, methods=methods, middleware=mcp) for at in ("/mcp", "/mcp/")),
        Route("/authorize", oauth.authorize),
        Route("/consent", oauth.consent, methods=["POST"]),
        Route("/callback", oauth.callback),
    ]
    for path, answer in (
        ("/access-token", issuing.token),
        ("/register", discovery.register),
        ("/revoke", issuing.revoke),
    ):
        routes.append(Route(path, answer, methods=["POST", "OPTIONS"], middleware=public))
    for name, answer in (
        ("oauth-authorization-server", discovery.metadata),
        ("oauth-protected-resource", discovery.resource),
    ):
        for at in ("", "/mcp", "/mcp/"):
            path = f"/.well-known/{name}{at}"
            routes.append(Route(path, answer, methods=["GET", "OPTIONS"], middleware=public))
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Guard, settings=settings)],
        exception_handlers={404: _unknown},
        lifespan=living,
    )
    app.router.redirect_slashes = False  # no redirect: it would lose the method, or TLS
    return app


def _cors(settings: Settings, methods: list[str], headers: tuple[str, ...]) -> list[Middleware]:
    """Let pages of other origins call, and read what they need (WHATWG Fetch, 3.3)."""
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(settings.origins),
            allow_methods=[*methods, "OPTIONS"],
            allow_headers=headers,
            expose_headers=["Mcp-Session-Id", "WWW-Authenticate", "Retry-After"],
            max_age=_DAY,
        )
    ]


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    del request, error
    return JSONResponse({"error": "not_found"}, 404)
