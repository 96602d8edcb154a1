"""The reference bridge on two origins: MCP is on one, and all of OAuth on the other.

    python -m peers.split_bridge --upstream URL --ports MCP OAUTH --store FILE

prints the address of its MCP endpoint.
"""

import argparse
import asyncio
import logging
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bridge import token_endpoint
from bridge.authorization import Authorization
from bridge.discovery import Discovery
from bridge.settings import Settings
from bridge.web import bridge

RESOURCE = ("/mcp", "/.well-known/oauth-protected-resource")
"""How the paths begin that are on MCP's origin."""


class Half:
    """Serves the paths of one of the origins."""

    def __init__(self, app: ASGIApp, *, resource: bool) -> None:
        self._app = app
        self._resource = resource

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        own = scope["type"] != "http" or scope["path"].startswith(RESOURCE) is self._resource
        answer = self._app if own else JSONResponse({"error": "not_found"}, 404)
        await answer(scope, receive, send)


def split(mcp: str, oauth: str) -> None:
    """Have the two origins, each a host with its port, know of each other."""
    document, wrong = Discovery.resource, Authorization._wrong

    def there(request: Request) -> Request:
        """Give a request as if it had come to MCP's origin."""
        kept = [pair for pair in request.scope["headers"] if pair[0] != b"host"]
        return Request({**request.scope, "headers": [*kept, (b"host", mcp.encode())]})

    async def resource(self: Discovery, request: Request) -> Response:
        said = await document(self, request)
        here = f'"authorization_servers":["{request.url.scheme}://{request.headers["host"]}"]'
        other = f'"authorization_servers":["{request.url.scheme}://{oauth}"]'
        assert here.encode() in said.body
        return Response(
            bytes(said.body).replace(here.encode(), other.encode()), media_type="application/json"
        )

    def refused(self: Authorization, request: Request, asked: Mapping[str, str]) -> Any:
        return wrong(self, there(request), asked)

    Discovery.resource = resource  # type: ignore[method-assign]  # the bridge knows one origin
    Authorization._wrong = refused  # type: ignore[method-assign]  # the same
    token_endpoint.base_of = lambda request: f"{request.url.scheme}://{mcp}"  # type: ignore[attr-defined]  # the same


async def serve(apps: Mapping[socket.socket, ASGIApp]) -> None:
    servers = []
    for number, (listener, app) in enumerate(apps.items()):
        config = uvicorn.Config(
            app,
            access_log=False,
            log_level="warning",
            proxy_headers=False,
            timeout_graceful_shutdown=1,
            lifespan="off" if number else "on",
        )
        servers.append(uvicorn.Server(config).serve(sockets=[listener]))
    await asyncio.gather(*servers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--ports", type=int, nargs=2, required=True)
    parser.add_argument("--store", type=Path, required=True)
    args = parser.parse_args()

    logging.basicConfig()
    logging.getLogger("bridge").setLevel(logging.INFO)
    listeners = [socket.create_server(("127.0.0.1", port)) for port in args.ports]
    mcp, oauth = (f"127.0.0.1:{port}" for port in args.ports)
    split(mcp, oauth)
    settings = Settings(
        args.upstream,
        args.store,
        frozenset({mcp, oauth}),
        timeout=3,
        proxies=frozenset({"127.0.0.1"}),
    )
    app = bridge(settings)
    halves = Half(app, resource=True), Half(app, resource=False)
    print(f"http://{mcp}/mcp", flush=True)
    asyncio.run(serve(dict(zip(listeners, halves, strict=True))))


if __name__ == "__main__":
    main()
