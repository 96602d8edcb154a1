"""An MCP server as VS Code has it: started, and started again when its session is lost."""

import asyncio
from typing import Any

from wiretape.replay.conformance.config import Server
from wiretape.replay.conformance.driving.vscode.account import NAME, Account
from wiretape.replay.conformance.driving.vscode.connection import Connection, LostError, Message
from wiretape.replay.conformance.driving.vscode.discovery import LATEST
from wiretape.replay.conformance.driving.vscode.fetching import AGENT, Fetch
from wiretape.replay.conformance.stage import PATIENCE, StuckError

_ABOUT = {"name": NAME, "version": AGENT.partition("/")[2]}
_CAN = {
    "roots": {"listChanged": True},
    "sampling": {},
    "elicitation": {"form": {}, "url": {}},
    "tasks": {
        "list": {},
        "cancel": {},
        "requests": {"sampling": {"createMessage": {}}, "elicitation": {"create": {}}},
    },
    "extensions": {"io.modelcontextprotocol/ui": {"mimeTypes": ["text/html;profile=mcp-app"]}},
}


class Editor:
    """An MCP server as VS Code has it, with what its user has configured.

    Whatever does not work raises StuckError.
    """

    def __init__(
        self, url: str, fetch: Fetch, account: Account, configured: Server | None = None
    ) -> None:
        self.url = url
        self.account = account
        self.configured = configured or Server()
        self.tools: list[dict[str, Any]] = []
        self.connection: Connection | None = None
        self._fetch = fetch
        self._number = 0
        self._awaited: dict[Any, asyncio.Future[Message]] = {}

    async def start(self) -> dict[str, Any]:
        """Connect, and list the tools; gives what the server says of itself."""
        own = self.configured.headers
        self.connection = Connection(self.url, self._fetch, self.account, self._hear, own)
        about = await self._request(
            "initialize", protocolVersion=LATEST, capabilities=_CAN, clientInfo=_ABOUT
        )
        await self._send({"method": "notifications/initialized"})
        self.tools = (await self._request("tools/list")).get("tools", [])
        return about

    async def call(self) -> dict[str, Any]:
        """Call the first tool whose arguments are known or not needed; on a lost session again."""
        if not self.tools:
            raise StuckError("the server has no tools")
        callable_ = (
            tool["name"]
            for tool in self.tools
            if tool["name"] in self.configured.calls
            or not tool.get("inputSchema", {}).get("required")
        )
        name = next(callable_, self.tools[0]["name"])
        named = {"name": name, "arguments": self.configured.calls.get(name, {})}
        try:
            return await self._request("tools/call", **named)
        except LostError as error:
            if not error.again:
                raise
        await self._left()
        await self.start()
        return await self._request("tools/call", **named)

    async def stop(self) -> None:
        """Stop the server."""
        if self.connection is not None:
            await self.connection.close()

    async def _left(self) -> None:
        assert self.connection is not None
        await self.connection.leave()

    async def _request(self, method: str, **params: Any) -> dict[str, Any]:
        assert self.connection is not None
        self._number += 1
        answered: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._awaited[self._number] = answered
        asked = {"id": self._number, "method": method, "params": params}
        sending = asyncio.create_task(self._send(asked))
        self.connection.streams.append(sending)
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.wait((sending, answered), return_when=asyncio.FIRST_COMPLETED)
                if sending.done():
                    sending.result()
                said = await answered
        except TimeoutError as error:
            raise StuckError(f"{method} had no answer in {PATIENCE} s") from error
        if "error" in said:
            raise StuckError(f"{method} failed: {said['error'].get('message')}")
        return dict(said.get("result", {}))

    async def _send(self, message: Message) -> None:
        assert self.connection is not None
        await self.connection.send({"jsonrpc": "2.0"} | message)

    def _hear(self, message: Message) -> None:
        if "method" in message:
            return
        answered = self._awaited.pop(message.get("id"), None)
        if answered is not None and not answered.done():
            answered.set_result(message)
