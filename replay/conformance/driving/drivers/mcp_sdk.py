"""Drives the Python SDK `mcp`, 1.x or 2.x; a program of its own, as the SDK may live elsewhere.

It says on stdout, line by line as JSON, what comes next, and goes on when it is answered on stdin:
`{"step": …}` is answered by an object, with `spoil` if the refresh token is to be replaced by one
that was not issued; `{"authorize": URL}` by the query of the callback.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from importlib.metadata import version
from typing import Any

from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientMetadata
from pydantic import AnyUrl

MAJOR = int(version("mcp").partition(".")[0])
httpx = import_module("httpx" if MAJOR == 1 else "httpx2")
mcp = import_module("mcp")


async def said(**line: Any) -> Any:
    """Say something, and wait for the answer."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    return json.loads(await asyncio.to_thread(sys.stdin.readline))


class Kept:
    """What the SDK keeps over sessions: the registration and the tokens."""

    def __init__(self) -> None:
        self.client: Any = None
        self.tokens: Any = None

    async def get_client_info(self) -> Any:
        """Give the registration."""
        return self.client

    async def set_client_info(self, client_info: Any) -> None:
        """Keep the registration."""
        self.client = client_info

    async def get_tokens(self) -> Any:
        """Give the tokens."""
        return self.tokens

    async def set_tokens(self, tokens: Any) -> None:
        """Keep the tokens."""
        self.tokens = tokens


class User:
    """A user of the SDK, who has one server."""

    def __init__(
        self, url: str, callback: str, headers: dict[str, str], calls: dict[str, Any]
    ) -> None:
        self.url = url
        self.headers = headers
        self.calls = calls
        self.about = OAuthClientMetadata(
            client_name=f"mcp {version('mcp')}", redirect_uris=[AnyUrl(callback)]
        )
        self.kept = Kept()
        self.told: dict[str, str] = {}
        self.auth: Any = None

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Any]:
        """Connect."""
        self.auth = OAuthClientProvider(
            self.url,
            self.about,
            self.kept,
            redirect_handler=self.authorize,
            callback_handler=self.back,
        )
        async with httpx.AsyncClient(
            auth=self.auth, headers=self.headers, timeout=30, follow_redirects=True
        ) as http:
            streams = streamable_http_client(self.url, http_client=http)
            if MAJOR == 1:
                async with streams as (read, write, *_), mcp.ClientSession(read, write) as client:
                    await client.initialize()
                    yield client
            else:
                async with mcp.Client(streams) as client:
                    yield client

    async def authorize(self, url: str) -> None:
        """Open the browser."""
        self.told = await said(authorize=url)

    async def back(self) -> Any:
        """Take what the browser brings."""
        if MAJOR == 1:
            return self.told["code"], self.told.get("state")
        return import_module("mcp.shared.auth").AuthorizationCodeResult(**self.told)

    def late(self) -> None:
        """Have the SDK believe that its token is over: it refreshes by its own clock."""
        self.auth.context.token_expiry_time = 1.0

    def spoil(self) -> None:
        """Replace the refresh token, if there is one."""
        tokens = self.auth.context.current_tokens
        if tokens is not None and tokens.refresh_token is not None:
            tokens.refresh_token = tokens.refresh_token[::-1]

    def chosen(self, tools: list[Any]) -> tuple[str, dict[str, Any]]:
        """Choose a tool to call: one whose arguments are known, or that needs none."""
        names = [tool.name for tool in tools if tool.name in self.calls or needs_nothing(tool)]
        name = next(iter(names), tools[0].name)
        return name, self.calls.get(name, {})


def needs_nothing(tool: Any) -> bool:
    """Tell whether a tool can be called without arguments."""
    return not tool.model_dump(by_alias=True)["inputSchema"].get("required")


async def main() -> None:
    """Connect, refresh, ask the user again, and come back."""
    user = User(**json.loads(sys.stdin.readline()))
    await said(step="connects")
    async with user.session() as client:
        call = user.chosen((await client.list_tools()).tools)
        await client.call_tool(*call)
        user.late()
        await said(step="refreshes")
        await client.call_tool(*call)
        user.late()
        if (await said(step="asks again"))["spoil"]:
            user.spoil()
        with suppress(Exception):  # the session has ended with the grant
            await client.call_tool(*call)
    async with user.session() as client:
        await client.call_tool(*call)
    await said(step="comes back")
    async with user.session() as client:
        await client.call_tool(*call)


asyncio.run(main())
