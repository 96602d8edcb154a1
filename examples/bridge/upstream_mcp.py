"""MCP as the bridge speaks it to the service behind: one session each, of one user.

Messages pass as they are. What does not come in time, or not at all, is an error that says so.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import httpx2

from bridge.errors import GrantOverError, UpstreamError
from bridge.forms import parsed as readable
from bridge.grants import Grants

type Message = dict[str, Any]
type Messages = AsyncGenerator[Message]

LARGEST = 64_000_000
"""Bytes that an event may have."""

STREAM = {"accept": "text/event-stream"}


class NotOfferedError(Exception):
    """The service behind does not have this: a transport, or a stream of its own messages."""


class Upstream(Protocol):
    """A session with the service behind."""

    async def call(self, message: Message) -> Messages:
        """Send a request; when it is taken, gives what comes for it, the answer last."""

    async def tell(self, message: Message) -> None:
        """Send what is not answered."""

    async def listen(self) -> Messages:
        """Open the stream of what the service says by itself. Raises NotOfferedError."""

    async def close(self) -> None:
        """End the session."""


class GrantAuth(httpx2.Auth):
    """Comes with the user's token; refreshes it once if it is refused, and comes again.

    A fresh token that is refused too ends the grant: the user has to authorize again.
    """

    def __init__(self, grants: Grants, grant_id: str) -> None:
        self._grants = grants
        self._id = grant_id

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Send a request, at most twice."""
        grant = self._grants.find(self._id)
        request.headers["authorization"] = f"Bearer {grant.access}"
        response = yield request
        if response.status_code != 401:
            return
        grant = await self._grants.renewed(self._id, grant.access)
        request.headers["authorization"] = f"Bearer {grant.access}"
        response = yield request
        if response.status_code == 401:
            self._grants.end(self._id)
            raise GrantOverError


ENDLESS = httpx2.Timeout(10, read=None)
"""For streams on which nothing needs to come for a long time."""


@asynccontextmanager
async def asked(request: Any) -> AsyncIterator[httpx2.Response]:
    """Send a request and read its answer; failures on the way get names."""
    try:
        async with request as response:
            yield response
    except httpx2.TimeoutException as error:
        raise UpstreamError("the upstream did not answer in time", 504) from error
    except httpx2.HTTPError as error:
        name = type(error).__name__
        raise UpstreamError(f"the connection to the upstream failed: {name}") from error


def check(response: httpx2.Response) -> None:
    """Raise UpstreamError for an answer that is none."""
    status = response.status_code
    if status == 429:
        later = response.headers.get("retry-after")
        raise UpstreamError("the upstream is asked too often", 429, later)
    if status >= 300:
        raise UpstreamError(f"the upstream answered {status}")


def parsed(text: str | bytes) -> Message:
    """Read a message. Raises UpstreamError if it is none."""
    try:
        told = readable(text)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise UpstreamError("the upstream sent what is no JSON-RPC message")
    return told


def answers(told: Message, message: Message) -> bool:
    """Tell whether a message is the answer to a request."""
    return "method" not in told and told.get("id") == message["id"]
