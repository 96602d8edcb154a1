"""MCP to a server: one session for each request of a user, with that user's headers and no others.

A session that outlived its request would have to be shared, closed, and found again in other
processes; one handshake more is cheaper than all of that. No two users share a connection pool or a
cookie jar either. It is the handshake of MCP 2025, which all services know.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import httpx2
from mcp import Client, Implementation, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import (
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListToolsResult,
    PaginatedResult,
    ReadResourceResult,
    Resource,
    Tool,
)
from pydantic import ValidationError

from gateway.connections import Account, Connection, Connections
from gateway.errors import LATER, ReconnectError, ServiceError, said

_CALLERS_FAULT = {INVALID_PARAMS, METHOD_NOT_FOUND}
_PAGES = 100
_ABOUT = Implementation(name="gateway", version="1")
_CLOSING_SECONDS = 1


class UserAuth(httpx2.Auth):
    """Comes with the user's token and site; refreshes the token once if it is refused.

    A fresh token that is refused too ends the connection: the user has to connect again.
    """

    def __init__(self, connections: Connections, account: Account) -> None:
        self._connections = connections
        self._account = account

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Send a request, at most twice."""
        found = await self._connections.fresh(self._account)
        request.headers.update(self.headers(found))
        response = yield request
        if response.status_code != 401 or request.method != "POST":
            return
        found = await self._connections.renewed(self._account, found.tokens.access)
        request.headers.update(self.headers(found))
        response = yield request
        if response.status_code == 401:
            await self._connections.forget(self._account, found.tokens.access)
            raise ReconnectError

    def headers(self, found: Connection) -> dict[str, str]:
        """Give the headers that are the gateway's to set; the SDK sets its own, once each."""
        name = self._account.server.oauth_config.cloud_id_header_name
        site = {} if found.cloud_id is None else {name: found.cloud_id}
        return {"authorization": f"Bearer {found.tokens.access}"} | site


class Calls:
    """What users ask of servers. Whatever becomes of it, they have an answer after `timeout`."""

    def __init__(self, connections: Connections, timeout: float) -> None:
        self._connections = connections
        self._timeout = timeout
        self._tls = httpx2.create_ssl_context()
        self._working: set[asyncio.Task[Any]] = set()

    async def tools(self, account: Account) -> list[Tool]:
        """List the tools."""

        async def listed(client: Client) -> list[ListToolsResult]:
            return await _pages(lambda cursor: client.list_tools(cursor=cursor))

        return [tool for page in await self._asked(account, listed) for tool in page.tools]

    async def call(self, account: Account, tool: str, arguments: dict[str, Any]) -> CallToolResult:
        """Call a tool."""
        request = CallToolRequest(params=CallToolRequestParams(name=tool, arguments=arguments))
        # The SDK's own call_tool lists the tools after it: then a call that was done could fail.
        return await self._asked(
            account, lambda client: client.session.send_request(request, CallToolResult)
        )

    async def resources(self, account: Account) -> list[Resource]:
        """List the resources."""

        async def listed(client: Client) -> list[ListResourcesResult]:
            return await _pages(lambda cursor: client.list_resources(cursor=cursor))

        return [each for page in await self._asked(account, listed) for each in page.resources]

    async def read(self, account: Account, uri: str) -> ReadResourceResult:
        """Read a resource."""
        return await self._asked(account, lambda client: client.read_resource(uri))

    async def close(self) -> None:
        """Leave what is under way; its sessions are closed if that is soon done."""
        for task in self._working:
            task.cancel()
        if self._working:
            await asyncio.wait(self._working, timeout=_CLOSING_SECONDS)

    async def _asked[Result](
        self, account: Account, what: Callable[[Client], Awaitable[Result]]
    ) -> Result:
        """Ask something in a session of its own. Raises ServiceError or ReconnectError.

        An answer counts when it is there, whatever becomes of the session's end.
        """
        answers: list[Result] = []
        task = asyncio.create_task(self._session(account, what, answers.append))
        self._working.add(task)
        task.add_done_callback(self._ended)
        done, _ = await asyncio.wait({task}, timeout=self._timeout)
        if not answers and not done:
            task.cancel()
            raise ServiceError("timeout", f"no answer within {self._timeout:g} s", 504)
        return answers[0] if answers else task.result()

    async def _session[Result](
        self,
        account: Account,
        what: Callable[[Client], Awaitable[Result]],
        told: Callable[[Result], None],
    ) -> Result:
        newest: httpx2.Response | None = None

        async def noted(response: httpx2.Response) -> None:
            nonlocal newest
            if response.request.method == "POST":
                newest = response

        http = httpx2.AsyncClient(
            auth=UserAuth(self._connections, account),
            timeout=self._timeout,
            verify=self._tls,
            event_hooks={"response": [noted]},
        )
        wire = streamable_http_client(account.server.url, http_client=http)
        try:
            async with http, Client(wire, mode="legacy", client_info=_ABOUT) as client:
                answer = await what(client)
                told(answer)
        except Exception as error:
            raise _named(error, newest) from error
        return answer

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._working.discard(task)
        if not task.cancelled():
            task.exception()  # if it comes too late, nobody asks for it


async def _pages[Page: PaginatedResult](
    listed: Callable[[str | None], Awaitable[Page]],
) -> list[Page]:
    pages = [await listed(None)]
    while pages[-1].next_cursor is not None and len(pages) < _PAGES:
        pages.append(await listed(pages[-1].next_cursor))
    return pages


def _named(error: Exception, newest: httpx2.Response | None) -> Exception:
    """Give an error its name; `newest` is the answer that came before it."""
    status = 0 if newest is None else newest.status_code
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    match error:
        case httpx2.TimeoutException():
            told: Any = "timeout", "the service did not answer in time", 504
        case httpx2.HTTPError():
            told = "unreachable", f"the service cannot be reached: {said(error)}"
        case MCPError() if newest is not None and status in LATER:
            pause = newest.headers.get("retry-after")
            told = "busy", f"the service answered {status}: {error}", status, pause
        case MCPError() if status >= 300:
            told = "failed", f"the service answered {status}: {error}"
        case MCPError() if error.code in _CALLERS_FAULT:
            told = "refused", str(error), 400
        case MCPError() if error.code != PARSE_ERROR:  # whose text has some of the answer
            told = "failed", str(error)
        case MCPError() | ValidationError():
            told = "failed", "the service's answer is not as MCP has it"
        case _:
            return error
    return ServiceError(*told)
