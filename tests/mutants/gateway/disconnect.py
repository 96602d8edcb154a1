"""Users who disconnect, and sessions that are over."""

from contextlib import asynccontextmanager
from typing import Any

from mcp.client.streamable_http import streamable_http_client

from gateway import mcp_calls
from gateway.connections import Connections
from gateway.upstream_oauth import UpstreamOAuth
from mutants.mistake import mistake, replace


@mistake(fails="disconnect.revokes")
def nothing_is_revoked() -> None:
    """Who disconnects is forgotten here, and stays connected there."""

    async def careless(*_: Any) -> None:
        pass

    replace(UpstreamOAuth, "revoke", careless)


@mistake(fails="disconnect.forgets")
def nobody_is_forgotten() -> None:
    """Who disconnects is disconnected there, and what is stored here is kept."""

    async def careless(self: Connections, account: Any) -> None:
        found = await self.find(account)
        await self._upstream.revoke(account.server, found.tokens)

    replace(Connections, "_disconnected", careless)


@mistake(fails="disconnect.sessions")
def sessions_are_left_open() -> None:
    """Sessions are left, and not ended."""

    @asynccontextmanager
    async def careless(url: str, **how: Any) -> Any:
        async with streamable_http_client(url, **how, terminate_on_close=False) as streams:
            yield streams

    replace(mcp_calls, "streamable_http_client", careless)
