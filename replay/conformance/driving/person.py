"""A user of a gateway, with a browser and a program, each of which says whose it is."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urljoin

import httpx
from jsonpointer import JsonPointerException, resolve_pointer

from wiretape.recorder.errors import UsageError
from wiretape.replay.conformance.config import Gateway, Route
from wiretape.replay.conformance.driving.browser import browsed
from wiretape.replay.conformance.driving.client import expected
from wiretape.replay.conformance.launching import filled
from wiretape.replay.conformance.stage import Stage, StuckError

_SLACK = 2
"""Seconds that a play waits longer than an answer may take."""


class Person:
    """A user by name; requests give the answer as it is. `connect` raises StuckError."""

    def __init__(
        self, name: str, at: str, adapters: Gateway, callback: str, http: httpx.AsyncClient
    ):
        self.name = name
        self.callback = callback
        self.http = http
        self._at = at
        self._adapters = adapters

    @property
    def connects_at(self) -> str:
        """The path where a connection begins."""
        return filled(self._adapters.connect.path, {"user": self.name})

    async def begin(self) -> httpx.Response:
        """Ask to be connected; the answer leads to the authorization server."""
        return await self.ask(self._adapters.connect)

    async def consent(self, answer: httpx.Response) -> dict[str, str]:
        """Consent there; gives what is to be told at the callback."""
        return await browsed(self.http, answer, self.callback)

    async def finish(self, told: dict[str, str]) -> httpx.Response:
        """Open the callback."""
        return await self.http.get(self.callback, params=told, headers=self._headers())

    async def connect(self) -> "Person":
        """Connect."""
        answer = await self.finish(await self.consent(await self.begin()))
        if answer.status_code >= 400:
            expected(answer, "the callback")
        return self

    async def tools(self) -> httpx.Response:
        """List the tools."""
        return await self.ask(self._adapters.tools)

    def listed(self, answer: httpx.Response) -> list[str]:
        """Read the tools' names."""
        try:
            found = resolve_pointer(answer.json(), self._adapters.tools.found)
            return [tool["name"] for tool in found]
        except (JsonPointerException, ValueError, TypeError, KeyError) as error:
            raise StuckError(f"no tools in the answer: {error}") from error

    async def call(self, tool: str, **arguments: Any) -> httpx.Response:
        """Call a tool."""
        return await self.ask(self._adapters.call, tool=tool, arguments=json.dumps(arguments))

    async def disconnect(self) -> httpx.Response:
        """Disconnect."""
        return await self.ask(self._adapters.disconnect)

    async def ask(self, route: Route, **values: str) -> httpx.Response:
        """Ask something of the gateway."""
        known = values | {"user": self.name}
        url = urljoin(self._at, filled(route.path, known))
        headers = self._headers()
        if route.body is None:
            return await self.http.request(route.method, url, headers=headers)
        headers["content-type"] = "application/json"
        body = filled(route.body, known)
        return await self.http.request(route.method, url, headers=headers, content=body)

    def _headers(self) -> dict[str, str]:
        known = {"user": self.name}
        return {name: filled(value, known) for name, value in self._adapters.headers.items()}


async def waited_for(asked: Coroutine[Any, Any, object], due: float) -> None:
    """Wait until an answer is due, and a little; what comes or fails is recorded anyway."""
    with suppress(TimeoutError, httpx.TransportError):
        async with asyncio.timeout(due + _SLACK):
            await asked


def known_users(stage: Stage, least: int, most: int | None = None) -> tuple[str, ...]:
    """Give the first users of the service, so many. Raises StuckError if there are too few."""
    users = stage.config.upstream.users
    if len(users) < least:
        raise StuckError(f"upstream.users in wiretape.toml names {len(users)}, {least} are needed")
    return users[: most or least]


@asynccontextmanager
async def person(stage: Stage, name: str) -> AsyncIterator[Person]:
    """Give a user of the gateway, who is logged in at the authorization server."""
    adapters, callback = stage.config.gateway, stage.config.upstream.callback
    if adapters is None or callback is None:
        raise UsageError("wiretape.toml: a gateway needs [gateway] and upstream.callback")
    async with stage.http() as http:
        http.cookies.set("wiretape_user", name)
        at = filled(callback, {"port": stage.target.port})
        yield Person(name, stage.target.url, adapters, at, http)
