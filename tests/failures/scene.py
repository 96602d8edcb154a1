"""Where failures are played: servers in the test's own event loop, clients over the recorder."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any

import httpx
import httpx2
import pytest
import uvicorn
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.server.mcpserver import MCPServer
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from loopback import Recorder

ACCEPT = "application/json, text/event-stream"


@asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket | None = None) -> AsyncIterator[str]:
    """Serve an application on loopback; gives its origin."""
    listener = listener or socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.002)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await task


def refusing(app: ASGIApp, refusal: Callable[[Request], Response | None]) -> ASGIApp:
    """Put a doorkeeper before an application, who answers what it is not to see."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        answer = refusal(Request(scope)) if scope["type"] == "http" else None
        await (answer or app)(scope, receive, send)

    return wrapped


def notes(name: str = "notes") -> MCPServer:
    """Make a real MCP server with one tool."""
    server = MCPServer(name, version="1.0.0", log_level="CRITICAL")

    @server.tool()
    def read_note(title: str) -> str:
        return f"{title}: two litres"

    return server


def browser(recorder: Recorder, **how: Any) -> httpx.AsyncClient:
    """Give a plain HTTP client behind the recorder; it follows no redirects unless told to."""
    trusted = ssl.create_default_context(cafile=recorder.ca_bundle)
    proxy = f"http://127.0.0.1:{recorder.port}"
    return httpx.AsyncClient(proxy=proxy, verify=trusted, trust_env=False, **how)


def http2(
    recorder: Recorder, auth: httpx2.Auth | None = None, headers: dict[str, str] | None = None
) -> httpx2.AsyncClient:
    """Give the HTTP client that the MCP SDK is built on, behind the recorder."""
    proxy = f"http://127.0.0.1:{recorder.port}"
    return httpx2.AsyncClient(proxy=proxy, trust_env=False, auth=auth, headers=headers, timeout=30)


@asynccontextmanager
async def session(recorder: Recorder, url: str, **how: Any) -> AsyncIterator[Client]:
    """Open a session of the real SDK's client over streamable HTTP."""
    async with (
        http2(recorder, **how) as http,
        Client(streamable_http_client(url, http_client=http), mode="legacy") as client,
    ):
        yield client


def message(method: str, number: int | None = 1, **params: object) -> dict[str, object]:
    """Spell out a JSON-RPC request, or a notification without a number."""
    spelt: dict[str, object] = {"jsonrpc": "2.0", "method": method, "params": params}
    return spelt if number is None else spelt | {"id": number}


def initialize(client: str = "gateway", version: str = "3.1.0") -> dict[str, object]:
    """Spell out the first request of a session."""
    info = {"name": client, "version": version}
    return message("initialize", protocolVersion="2025-06-18", clientInfo=info, capabilities={})


def breaking_off() -> AbstractContextManager[object]:
    """Expect that a session of the SDK fails, in whichever way it says so."""
    return pytest.raises((MCPError, httpx2.HTTPError, ExceptionGroup))
