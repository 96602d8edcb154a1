"""Streamable HTTP to the service behind (MCP 2025-03-26 to 2025-11-25)."""

from contextlib import AsyncExitStack, suppress
from typing import Any

import httpx2
from httpx2 import EventSource

from bridge.errors import GrantOverError, SessionOverError, UpstreamError
from bridge.upstream_mcp import (
    ENDLESS,
    LARGEST,
    STREAM,
    GrantAuth,
    Message,
    Messages,
    NotOfferedError,
    answers,
    asked,
    check,
    parsed,
)

_BOTH = {"accept": "application/json, text/event-stream"}


class Streamable:
    """Streamable HTTP (MCP 2025-03-26 to 2025-11-25)."""

    def __init__(self, http: httpx2.AsyncClient, url: str, auth: GrantAuth) -> None:
        self._http = http
        self._url = url
        self._auth = auth
        self._session: dict[str, str] = {}

    async def call(self, message: Message) -> Messages:
        """Send a request; the answer is in the body or on its stream."""
        async with AsyncExitStack() as stack:
            response = await stack.enter_async_context(asked(self._post(message)))
            refused = await _error_of(response)
            if message["method"] == "initialize" and _unknown(response.status_code, refused):
                raise NotOfferedError
            if refused is not None:
                return _only(refused | {"id": message["id"]})
            self._check(response)
            return self._told(stack.pop_all(), response, message)

    async def _told(
        self, open_: AsyncExitStack, response: httpx2.Response, message: Message
    ) -> Messages:
        async with open_:
            async for told in _messages(response):
                if message["method"] == "initialize" and isinstance(told.get("result"), dict):
                    self._begin(response, told["result"])
                if "method" in told or answers(told, message):
                    yield told
                if answers(told, message):
                    return
        raise UpstreamError("the upstream ended its answer before it was whole")

    async def tell(self, message: Message) -> None:
        """Send what is answered with 202."""
        async with asked(self._post(message)) as response:
            self._check(response)

    async def listen(self) -> Messages:
        """Open the stream that may be had by GET."""
        request = self._http.stream(
            "GET", self._url, headers=STREAM | self._session, auth=self._auth, timeout=ENDLESS
        )
        async with AsyncExitStack() as stack:
            response = await stack.enter_async_context(asked(request))
            if response.status_code == 405:
                raise NotOfferedError
            self._check(response)
            return _listened(stack.pop_all(), response)

    async def close(self) -> None:
        """End the session upstream, if it is still there."""
        if "mcp-session-id" in self._session:
            with suppress(httpx2.HTTPError, UpstreamError, GrantOverError):
                await self._http.delete(
                    self._url, headers=self._session, auth=self._auth, timeout=5
                )

    def _begin(self, response: httpx2.Response, result: Message) -> None:
        self._session = {"mcp-protocol-version": str(result.get("protocolVersion"))}
        if "mcp-session-id" in response.headers:
            self._session["mcp-session-id"] = response.headers["mcp-session-id"]

    def _post(self, message: Message) -> Any:
        headers = _BOTH | self._session
        return self._http.stream("POST", self._url, json=message, headers=headers, auth=self._auth)

    def _check(self, response: httpx2.Response) -> None:
        if response.status_code == 404 and self._session:
            raise SessionOverError
        check(response)


async def _only(message: Message) -> Messages:
    yield message


async def _listened(open_: AsyncExitStack, response: httpx2.Response) -> Messages:
    async with open_:
        async for told in _messages(response):
            yield told


async def _messages(response: httpx2.Response) -> Messages:
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "application/json":
        yield parsed(await response.aread())
    elif media_type == "text/event-stream":
        async for event in EventSource(response, LARGEST):
            if event.event == "message" and event.data:
                yield parsed(event.data)


async def _error_of(response: httpx2.Response) -> Message | None:
    """Give the JSON-RPC error in an answer that is a refusal; 404 and 429 say enough."""
    if response.status_code < 400 or response.status_code in {404, 429}:
        return None
    try:
        told = parsed(await response.aread())
    except UpstreamError:
        return None
    return told if isinstance(told.get("error"), dict) else None


def _unknown(status: int, refused: Message | None) -> bool:
    """Tell whether whoever answered `initialize` does not know streamable HTTP."""
    return status in {404, 405} or (status == 400 and refused is None)
