"""The gateway on the web: who asks, where what is, and how errors are told."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Annotated, Any

import httpx2
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel
from pydantic_core import from_json
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from gateway.connections import Account, Connections
from gateway.errors import CallbackError, ReconnectError, ServiceError
from gateway.mcp_calls import Calls
from gateway.sealing import Seal
from gateway.settings import Settings
from gateway.store import Store
from gateway.upstream_oauth import UpstreamOAuth

_PRIVATE = {"cache-control": "no-store", "referrer-policy": "no-referrer"}

log = logging.getLogger("gateway")


def user_of(request: Request) -> str:
    """Tell who asks: whom the company's proxy has authenticated, and names in `X-User`.

    The proxy must take that header away from what it is sent, and nobody but the proxy may reach
    the gateway: who can set the header is whoever it says. Two such headers name nobody.
    """
    named = request.headers.getlist("x-user")
    if len(named) != 1 or not named[0]:
        raise HTTPException(401, "unauthenticated")
    return named[0]


def account_at(
    request: Request, user: Annotated[str, Depends(user_of)], server: str | None = None
) -> Account:
    """Tell which server is meant, by its name in the path or query; without, it is the first."""
    settings: Settings = request.app.state.settings
    name = server or next(iter(settings.servers))
    if name not in settings.servers:
        raise HTTPException(404, "unknown_server")
    account = Account(user, name, settings.servers[name])
    request.state.account = account
    return account


async def arguments_of(request: Request) -> dict[str, Any]:
    """Read a tool's arguments, a JSON object; an empty body is none."""
    try:
        told = from_json(await request.body() or b"{}", allow_inf_nan=False)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise HTTPException(422, "arguments_must_be_an_object")
    return told


type User = Annotated[str, Depends(user_of)]
type At = Annotated[Account, Depends(account_at)]
type Arguments = Annotated[dict[str, Any], Depends(arguments_of)]


class Routes:
    """Answers requests; errors are told by what stands below."""

    def __init__(
        self, settings: Settings, store: Store, connections: Connections, calls: Calls
    ) -> None:
        self._settings = settings
        self._store = store
        self._connections = connections
        self._calls = calls

    def router(self) -> APIRouter:
        """Say where what is."""
        router = APIRouter()
        router.get("/health")(self.health)
        router.get("/connections")(self.connections)
        router.get("/connections/{server}/authorize")(self.authorize)
        router.get("/connections/{server}/callback")(self.callback)
        router.delete("/connections/{server}", status_code=204)(self.disconnect)
        router.get("/tools")(self.tools)
        router.post("/tools/{tool}")(self.call)
        router.get("/resources")(self.resources)
        router.get("/resources/{uri:path}/read")(self.read)
        return router

    async def health(self) -> Any:
        """Say that the gateway and its database are there."""
        await self._store.check()
        return {"status": "ok"}

    async def connections(self, user: User) -> Any:
        """List the servers, and which of them the user is connected to."""
        listed = []
        for name, server in self._settings.servers.items():
            row = await self._store.connection(user, name)
            listed.append(
                {
                    "server": name,
                    "display_name": server.display_name,
                    "description": server.description,
                    "connected": row is not None,
                    "site": None if row is None else row.site,
                    "authorize": server.connect_url,
                }
            )
        return {"connections": listed}

    async def authorize(self, at: At) -> Response:
        """Send the user to the authorization server."""
        return RedirectResponse(await self._connections.authorize(at), 302, _PRIVATE)

    async def callback(self, at: At, request: Request) -> Response:
        """Take the user back from there."""
        await self._connections.complete(at, dict(request.query_params))
        return JSONResponse({"server": at.name, "connected": True}, headers=_PRIVATE)

    async def disconnect(self, at: At) -> None:
        """Forget the user's connection, here and there."""
        await self._connections.disconnect(at)

    async def tools(self, at: At) -> Any:
        """List the server's tools."""
        return {"tools": [_as_json(each) for each in await self._calls.tools(at)]}

    async def call(self, tool: str, at: At, arguments: Arguments) -> Any:
        """Call a tool; that it failed is in its result (`isError`), as MCP has it."""
        return _as_json(await self._calls.call(at, tool, arguments))

    async def resources(self, at: At) -> Any:
        """List the server's resources."""
        return {"resources": [_as_json(each) for each in await self._calls.resources(at)]}

    async def read(self, uri: str, at: At) -> Any:
        """Read a resource."""
        return _as_json(await self._calls.read(at, uri))


def gateway(settings: Settings, store: Store) -> FastAPI:
    """Make the application, on a store that is prepared."""
    http = httpx2.AsyncClient(
        timeout=None,  # each request has a limit of its own
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # users share the client
    )
    upstream = UpstreamOAuth(http, settings.timeout)
    connections = Connections(store, Seal(settings.key_file), upstream)
    calls = Calls(connections, settings.timeout)

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        async with http:
            yield
            await calls.close()
            await connections.close()
        await store.close()

    app = FastAPI(title="gateway", lifespan=living, redirect_slashes=False)
    app.state.settings = settings
    app.include_router(Routes(settings, store, connections, calls).router())
    app.middleware("http")(_noted)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(CallbackError, _wrong_callback)
    app.add_exception_handler(ReconnectError, _unconnected)
    app.add_exception_handler(ServiceError, _failed)
    app.add_exception_handler(SQLAlchemyError, _without_database)
    return app


async def _noted(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Note a request: never the query, it holds codes."""
    response = await answer(request)
    log.info("%s %s %s", request.method, request.scope["raw_path"].decode(), response.status_code)
    return response


async def _refused(_: Request, error: Any) -> Response:
    return JSONResponse({"error": error.detail}, error.status_code)


async def _wrong_callback(_: Request, error: Any) -> Response:
    return JSONResponse({"error": error.kind, "detail": str(error)}, 400, _PRIVATE)


async def _unconnected(request: Request, _: Exception) -> Response:
    account: Account = request.state.account
    said = {"error": "reconnect", "service": account.name, "authorize": account.server.connect_url}
    return JSONResponse(said, 409)


async def _failed(request: Request, error: Any) -> Response:
    said = {"error": error.kind, "service": request.state.account.name, "detail": str(error)}
    later = {} if error.retry_after is None else {"retry-after": error.retry_after}
    return JSONResponse(said, error.status, later)


async def _without_database(_: Request, error: Exception) -> Response:
    log.error("the database: %s", type(error).__name__)
    return JSONResponse({"error": "unavailable", "detail": "the database does not answer"}, 503)


def _as_json(model: BaseModel) -> Any:
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)
