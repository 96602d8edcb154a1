"""A session of the mcp SDK 2.x client: of revision 2026-07-28, or with `--handshake` as before it.

Takes the server's URL, and a walk (see `peers.Walk`) on stdin; prints a summary.
"""

import asyncio
import json
import sys
from typing import Any
from urllib.parse import parse_qs

import httpx2
from mcp import Client
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import ElicitResult, Notification, TextContent
from notes_client import Credentials, authorization

NOTES = "notes://all"
PROGRESS = "notifications/progress"


class Walker:
    """Walks a session and notes what it sees."""

    def __init__(self, url: str, walk: dict[str, Any], *, handshake: bool) -> None:
        self.url = url
        self.walk = walk
        self.mode = "legacy" if handshake else "auto"
        self.credentials = Credentials()
        self.auth = None if walk["headers"] else authorization(url, self.credentials)
        self.progress: list[float] = []
        self.questions: list[str] = []
        self.notifications: list[str] = []
        self.grants: list[str] = []

    def http(
        self,
        headers: dict[str, str] | None = None,
        timeout: httpx2.Timeout | None = None,
        auth: httpx2.Auth | None = None,
    ) -> httpx2.AsyncClient:
        hooks = {"request": [self.on_request]}
        return httpx2.AsyncClient(headers=headers, timeout=timeout, auth=auth, event_hooks=hooks)

    async def on_request(self, request: httpx2.Request) -> None:
        if request.headers.get("content-type") == "application/x-www-form-urlencoded":
            self.grants += parse_qs(request.content.decode()).get("grant_type", [])

    async def on_progress(self, progress: float, total: float | None, message: str | None) -> None:
        self.progress.append(progress)

    async def on_message(self, message: object) -> None:
        if isinstance(message, Notification) and message.method != PROGRESS:
            self.notifications.append(message.method)

    async def consent(self, context: Any, params: Any) -> ElicitResult:
        self.questions.append(params.message)
        return ElicitResult(action="accept", content={"yes": True})

    async def run(self) -> dict[str, Any]:
        headers = self.walk["headers"]
        if self.walk["transport"] == "sse":
            return await self.session(
                sse_client(self.url, headers, auth=self.auth, httpx_client_factory=self.http)
            )
        async with self.http(headers, httpx2.Timeout(30), self.auth) as http:
            return await self.session(streamable_http_client(self.url, http_client=http))

    async def session(self, transport: Any) -> dict[str, Any]:
        async with Client(
            transport,
            mode=self.mode,
            elicitation_callback=self.consent,
            message_handler=self.on_message,
        ) as client:
            tools = [tool.name for tool in (await client.list_tools()).tools]
            if self.mode == "auto" and self.walk["notifications"]:
                async with client.listen(resource_subscriptions=[NOTES]) as changes:
                    results = await self.calls(client)
                    await anext(changes)
            else:
                results = await self.calls(client)
            return {
                "protocol": client.protocol_version,
                "tools": tools,
                "results": results,
                "progress": self.progress,
                "questions": self.questions,
                "notifications": self.notifications,
                "grants": self.grants,
            }

    async def calls(self, client: Client) -> list[str]:
        *calls, last = self.walk["calls"]
        results = [await self.call(client, *call) for call in calls]
        if self.walk["refresh"] and self.credentials.tokens:
            await asyncio.sleep(self.credentials.tokens.expires_in or 0)
        return [*results, await self.call(client, *last)]

    async def call(self, client: Client, name: str, arguments: dict[str, Any]) -> str:
        result = await client.call_tool(name, arguments, progress_callback=self.on_progress)
        return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


def main() -> None:
    url, *options = sys.argv[1:][::-1]
    walker = Walker(url, json.load(sys.stdin), handshake="--handshake" in options)
    print(json.dumps(asyncio.run(walker.run())))


if __name__ == "__main__":
    main()
