"""An MCP server and its authorization server on two origins, of which the second is a `localhost`.

    python -m peers.split_server [--sse [--absolute]] [--tls-cert FILE --tls-key FILE]

prints the address of its MCP endpoint. The authorization response carries its issuer (RFC 9207).
With `--absolute` the endpoint event of HTTP+SSE holds an absolute URL.
"""

import argparse
import asyncio
import socket

import uvicorn
from mcp.server.auth.provider import (
    AuthorizationParams,
    ProviderTokenVerifier,
    construct_redirect_uri,
)
from mcp.server.auth.routes import create_auth_routes
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer
from mcp.shared.auth import OAuthClientInformationFull
from notes_oauth import NotesOAuth
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCOPE = "greetings"


class IssuerOAuth(NotesOAuth):
    """Says in the authorization response who answers."""

    def __init__(self, issuer: str) -> None:
        super().__init__(token_seconds=3600)
        self._issuer = issuer

    async def authorize(
        self, client: OAuthClientInformationFull, params: AuthorizationParams
    ) -> str:
        return construct_redirect_uri(await super().authorize(client, params), iss=self._issuer)


def absolute(app: ASGIApp, origin: str) -> ASGIApp:
    """Put the origin before the path of the endpoint event."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            body: bytes = message.get("body", b"")
            if body.startswith(b"event: endpoint"):
                message["body"] = body.replace(b"data: /", b"data: %b/" % origin.encode())
            await send(message)

        await app(scope, receive, sent)

    return wrapped


async def serve(apps: dict[socket.socket, ASGIApp], cert: str | None, key: str | None) -> None:
    servers = []
    for listener, app in apps.items():
        config = uvicorn.Config(
            app,
            log_level="warning",
            ssl_certfile=cert,
            ssl_keyfile=key,
            timeout_graceful_shutdown=1,
        )
        servers.append(uvicorn.Server(config).serve(sockets=[listener]))
    await asyncio.gather(*servers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sse", action="store_true")
    parser.add_argument("--absolute", action="store_true")
    parser.add_argument("--tls-cert")
    parser.add_argument("--tls-key")
    args = parser.parse_args()

    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    mcp_port, auth_port = (listener.getsockname()[1] for listener in listeners)
    scheme = "https" if args.tls_cert else "http"
    origin, issuer = f"{scheme}://127.0.0.1:{mcp_port}", f"{scheme}://localhost:{auth_port}"
    url = f"{origin}/{'sse' if args.sse else 'mcp'}"
    settings = AuthSettings.model_validate(
        {
            "issuer_url": issuer,
            "resource_server_url": url,
            "validate_token_resource": True,
            "required_scopes": [SCOPE],
            "client_registration_options": {
                "enabled": True,
                "valid_scopes": [SCOPE],
                "default_scopes": [SCOPE],
            },
            "revocation_options": {"enabled": True},
        }
    )
    provider = IssuerOAuth(issuer)
    server = MCPServer(
        "split",
        token_verifier=ProviderTokenVerifier(provider),
        auth=settings,
        log_level="WARNING",
    )

    @server.tool()
    def greet(name: str) -> str:
        return f"hello {name}"

    app: ASGIApp = server.sse_app() if args.sse else server.streamable_http_app()
    authorization: ASGIApp = Starlette(
        routes=create_auth_routes(
            provider,
            settings.issuer_url,
            client_registration_options=settings.client_registration_options,
            revocation_options=settings.revocation_options,
        )
    )
    print(url, flush=True)
    mcp = absolute(app, origin) if args.absolute else app
    apps = dict(zip(listeners, (mcp, authorization), strict=True))
    asyncio.run(serve(apps, args.tls_cert, args.tls_key))


if __name__ == "__main__":
    main()
