# /// script
# requires-python = ">=3.13"
# dependencies = ["mcp==1.30.0"]
# ///
"""A session of the mcp SDK 1.30 client, in its own environment.

Takes the server's URL, and a walk (see `peers.Walk`) on stdin; prints a summary.
"""

import asyncio
import json
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from mcp.types import ElicitResult, ServerNotification, TextContent
from pydantic import AnyUrl

CALLBACK = "http://127.0.0.1:8765/callback"
PROGRESS = "notifications/progress"


class Credentials:
    """Where the SDK keeps this client's registration and tokens."""

    client: OAuthClientInformationFull | None = None
    tokens: OAuthToken | None = None

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens


class Walker:
    """Walks a session and notes what it sees."""

    def __init__(self, url: str, walk: dict[str, Any]) -> None:
        self.url = url
        self.walk = walk
        self.credentials = Credentials()
        self.answer: dict[str, str] = {}
        self.progress: list[float] = []
        self.questions: list[str] = []
        self.notifications: list[str] = []
        self.grants: list[str] = []

    def auth(self) -> OAuthClientProvider | None:
        if self.walk["headers"]:
            return None
        metadata = OAuthClientMetadata(client_name="mcp 1", redirect_uris=[AnyUrl(CALLBACK)])
        return OAuthClientProvider(
            self.url, metadata, self.credentials, self.open_browser, self.callback
        )

    async def open_browser(self, authorize: str) -> None:
        async with httpx.AsyncClient() as browser:
            redirect = await browser.get(authorize)
        query = urlsplit(redirect.headers["location"]).query
        self.answer = {name: value for name, [value] in parse_qs(query).items()}

    async def callback(self) -> tuple[str, str | None]:
        return self.answer["code"], self.answer["state"]

    def http(
        self,
        headers: dict[str, str] | None = None,
        timeout: httpx.Timeout | None = None,
        auth: httpx.Auth | None = None,
    ) -> httpx.AsyncClient:
        hooks = {"request": [self.on_request]}
        return httpx.AsyncClient(headers=headers, timeout=timeout, auth=auth, event_hooks=hooks)

    async def on_request(self, request: httpx.Request) -> None:
        if request.headers.get("content-type") == "application/x-www-form-urlencoded":
            self.grants += parse_qs(request.content.decode()).get("grant_type", [])

    async def on_progress(self, progress: float, total: float | None, message: str | None) -> None:
        self.progress.append(progress)

    async def on_message(self, message: object) -> None:
        if isinstance(message, ServerNotification) and message.root.method != PROGRESS:
            self.notifications.append(message.root.method)

    async def consent(self, context: Any, params: Any) -> ElicitResult:
        self.questions.append(params.message)
        return ElicitResult(action="accept", content={"yes": True})

    async def run(self) -> dict[str, Any]:
        headers = self.walk["headers"]
        if self.walk["transport"] == "sse":
            async with sse_client(
                self.url, headers, auth=self.auth(), httpx_client_factory=self.http
            ) as streams:
                return await self.session(*streams)
        async with (
            self.http(headers, httpx.Timeout(30), self.auth()) as http,
            streamable_http_client(self.url, http_client=http) as (read, write, _),
        ):
            return await self.session(read, write)

    async def session(self, read: Any, write: Any) -> dict[str, Any]:
        async with ClientSession(
            read, write, elicitation_callback=self.consent, message_handler=self.on_message
        ) as session:
            hello = await session.initialize()
            tools = [tool.name for tool in (await session.list_tools()).tools]
            *calls, last = self.walk["calls"]
            results = [await self.call(session, *call) for call in calls]
            if self.walk["refresh"] and self.credentials.tokens:
                await asyncio.sleep(self.credentials.tokens.expires_in or 0)
            results.append(await self.call(session, *last))
        return {
            "protocol": hello.protocolVersion,
            "tools": tools,
            "results": results,
            "progress": self.progress,
            "questions": self.questions,
            "notifications": self.notifications,
            "grants": self.grants,
        }

    async def call(self, session: ClientSession, name: str, arguments: dict[str, Any]) -> str:
        result = await session.call_tool(name, arguments, progress_callback=self.on_progress)
        return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


if __name__ == "__main__":
    print(json.dumps(asyncio.run(Walker(sys.argv[1], json.load(sys.stdin)).run())))
