"""Failures of the service, and calls that hang."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx2
from starlette.responses import Response

from bridge import upstream_streamable
from bridge.endpoint import Endpoint
from bridge.errors import GrantOverError, UpstreamError
from bridge.sessions import Session, Sessions
from bridge.upstream_mcp import Messages
from bridge.upstream_streamable import Streamable
from mutants.mistake import mistake, replace

_EVER = 600


def _failing(*errors: type[Exception]) -> None:
    """Let these errors of the HTTP client through, as nobody has thought of them."""
    asked = upstream_streamable.asked

    @asynccontextmanager
    async def careless(request: Any) -> AsyncIterator[httpx2.Response]:
        try:
            async with asked(request) as response:
                yield response
        except UpstreamError as error:
            if isinstance(error.__cause__, errors):
                raise error.__cause__ from None
            raise

    replace(upstream_streamable, "asked", careless)


@mistake(fails="trouble.refused")
def a_service_that_cannot_be_reached_is_a_crash() -> None:
    """A connection that is refused is an error that nobody catches."""
    _failing(httpx2.ConnectError)


@mistake(fails="trouble.reset")
def a_reset_is_a_crash() -> None:
    """A connection that is reset is an error that nobody catches."""
    _failing(httpx2.ReadError)


@mistake(fails="trouble.connection-lost", also=("trouble.stream-broken",))
def a_lost_connection_is_a_crash() -> None:
    """A connection that ends before the answer is an error that nobody catches."""
    _failing(httpx2.RemoteProtocolError)


@mistake(fails="trouble.stream-broken")
def a_broken_stream_is_an_end() -> None:
    """A stream that breaks off before the answer is taken for one that ends."""
    told = Streamable._told

    async def careless(
        self: Streamable, open_: AsyncExitStack, response: httpx2.Response, message: Any
    ) -> Messages:
        try:
            async for each in told(self, open_, response, message):
                yield each
        except UpstreamError:
            if "event-stream" not in response.headers.get("content-type", ""):
                raise

    replace(Streamable, "_told", careless)


def _checking(status: int, error: Exception) -> None:
    """Take a status of the service for another error."""
    check = upstream_streamable.check

    def careless(response: httpx2.Response) -> None:
        if response.status_code == status:
            raise error
        check(response)

    replace(upstream_streamable, "check", careless)


@mistake(fails="trouble.unavailable", also=("trouble.recovers",))
def a_503_is_a_refused_token() -> None:
    """A service that is not available is taken for one that refuses the token."""
    _checking(503, GrantOverError())


@mistake(fails="trouble.rate-limited", also=("trouble.retry-after",))
def a_429_is_a_crash() -> None:
    """A service that is asked too often raises an error that nobody catches."""
    _checking(429, RuntimeError("429"))


@mistake(fails="trouble.retry-after")
def retry_after_is_lost() -> None:
    """When to ask again is not told."""
    replace(UpstreamError, "headers", {})


@mistake(fails="trouble.malformed")
def what_is_no_json_is_a_crash() -> None:
    """An answer that is half of JSON raises the parser's error."""
    parsed = upstream_streamable.parsed

    def careless(text: str | bytes) -> Any:
        return json.loads(text) if text[:1] in {"{", b"{"} else parsed(text)

    replace(upstream_streamable, "parsed", careless)


@mistake(fails="trouble.repeats")
def calls_are_repeated() -> None:
    """A call that fails is made again at once, four times."""
    call = Streamable.call

    async def careless(self: Streamable, message: Any) -> Messages:
        for _ in range(4):
            try:
                return await call(self, message)
            except UpstreamError:
                continue
        return await call(self, message)

    replace(Streamable, "call", careless)


@mistake(fails="trouble.recovers", also=("trouble.retry-after",))
def a_session_never_recovers() -> None:
    """After one failure of the service, a session has failed for good."""
    call = Sessions.call
    failed: dict[int, UpstreamError] = {}

    async def careless(self: Sessions, upstream: Any, message: Any) -> Messages:
        if id(upstream) in failed:
            raise failed[id(upstream)]
        try:
            return await call(self, upstream, message)
        except UpstreamError as error:
            failed[id(upstream)] = error
            raise

    replace(Sessions, "call", careless)


def _unlimited(method: str) -> None:
    """Wait for the answers of a method without a limit."""
    call, post = Sessions.call, Streamable._post

    async def careless(self: Sessions, upstream: Any, message: Any) -> Messages:
        if message["method"] == method:
            return await upstream.call(message)  # type: ignore[no-any-return]
        return await call(self, upstream, message)

    def posted(self: Streamable, message: Any) -> Any:
        asking = post(self, message)
        if message.get("method") == method:
            headers = {"accept": "application/json, text/event-stream"} | self._session
            return self._http.stream(
                "POST", self._url, json=message, headers=headers, auth=self._auth, timeout=_EVER
            )
        return asking

    replace(Sessions, "call", careless)
    replace(Streamable, "_post", posted)


@mistake(fails="hanging.slow", also=("trouble.*",))
def slow_answers_are_waited_for() -> None:
    """A tool may take as long as it likes."""
    _unlimited("tools/call")


@mistake(fails="hanging.silent")
def silent_streams_are_waited_for() -> None:
    """A stream may be silent as long as it likes."""
    _unlimited("tools/list")


@mistake(fails="hanging.unanswered")
def no_answer_is_an_empty_one() -> None:
    """A call that is only accepted is taken for one with an empty result."""
    told = Streamable._told

    async def careless(
        self: Streamable, open_: AsyncExitStack, response: httpx2.Response, message: Any
    ) -> Messages:
        if response.status_code == 202:
            yield {"jsonrpc": "2.0", "id": message["id"], "result": {}}
        else:
            async for each in told(self, open_, response, message):
                yield each

    replace(Streamable, "_told", careless)


@mistake(fails="hanging.others", also=("hanging.slow", "hanging.silent", "hanging.unanswered"))
def calls_wait_in_one_queue() -> None:
    """Only one call at a time is made, of all users."""
    called, queue = Endpoint._called, asyncio.Lock()

    async def careless(self: Endpoint, session: Session, message: Any) -> Response:
        async with queue:
            return await called(self, session, message)

    replace(Endpoint, "_called", careless)
