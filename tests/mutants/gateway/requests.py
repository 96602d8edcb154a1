"""Requests to the service."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp.client import session
from mcp.client.streamable_http import streamable_http_client

from gateway import mcp_calls
from gateway.mcp_calls import UserAuth
from mutants.mistake import mistake, replace

type Headers = dict[str, str]


def sending(alter: Callable[[httpx2.Request], object], *, crowd: bool = False) -> None:
    """Alter requests before they are sent; only those of the crowd of users, if it says so."""
    flow = UserAuth.async_auth_flow

    async def careless(self: UserAuth, request: httpx2.Request) -> Any:
        flowing = flow(self, request)
        if crowd and not self._account.user.startswith("user-"):
            alter_it: Callable[[httpx2.Request], object] = bool
        else:
            alter_it = alter
        alter_it(sent := await anext(flowing))
        while True:
            response = yield sent
            try:
                alter_it(sent := await flowing.asend(response))
            except StopAsyncIteration:
                return

    replace(UserAuth, "async_auth_flow", careless)


def _identified(alter: Callable[[Headers], Headers]) -> None:
    """Alter the headers that tell whose request it is."""
    headers = UserAuth.headers
    replace(UserAuth, "headers", lambda self, found: alter(headers(self, found)))


@mistake(fails="requests.cloud-id", also=("tools.*", "users.*"), production="cloud-id")
def the_site_is_not_named() -> None:
    """Requests are sent without the header that names the site."""
    _identified(lambda told: {"authorization": told["authorization"]})


@mistake(fails="requests.header-once", production="header-twice")
def accept_is_set_too() -> None:
    """Accept is set beside the SDK's, in another spelling."""

    def doubled(request: httpx2.Request) -> None:
        twice = [*request.headers.raw, (b"Accept", b"application/json, text/event-stream")]
        request.headers = httpx2.Headers(twice)

    sending(doubled)


@mistake(fails="requests.accept")
def event_streams_are_not_named() -> None:
    """Accept is */*, which a service need not understand as both types."""

    def anything(request: httpx2.Request) -> None:
        if request.method == "POST":
            request.headers["accept"] = "*/*"

    sending(anything)


@mistake(fails="requests.sdk", also=("requests.version",), production="outdated-sdk")
def the_sdk_is_outdated() -> None:
    """Sessions are begun by a revision of before there was streamable HTTP."""
    replace(session, "LATEST_HANDSHAKE_VERSION", "2024-11-05")


@mistake(fails="requests.version")
def the_revision_is_not_said() -> None:
    """Requests are sent without MCP-Protocol-Version."""
    sending(lambda request: request.headers.pop("mcp-protocol-version", None))


@mistake(fails="requests.transport", also=("requests.session",), production="transport")
def streams_are_opened_first() -> None:
    """The service is asked for a stream by GET before anything else, as for HTTP+SSE."""

    @asynccontextmanager
    async def careless(url: str, *, http_client: httpx2.AsyncClient) -> AsyncIterator[Any]:
        async with http_client.stream("GET", url, headers={"accept": "text/event-stream"}):
            pass
        async with streamable_http_client(url, http_client=http_client) as streams:
            yield streams

    replace(mcp_calls, "streamable_http_client", careless)


@mistake(fails="requests.session", also=("disconnect.sessions",))
def the_session_is_forgotten() -> None:
    """A session is ended without saying which."""

    def nameless(request: httpx2.Request) -> None:
        if request.method == "DELETE":
            request.headers.pop("mcp-session-id", None)

    sending(nameless)


@mistake(fails="requests.bearer")
def sessions_are_ended_without_a_token() -> None:
    """The token is sent by POST only; a session's id is taken for enough else."""

    def bare(request: httpx2.Request) -> None:
        if request.method == "DELETE":
            request.headers.pop("authorization", None)

    sending(bare)
