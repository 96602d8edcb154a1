"""VS Code, as it is played, at services that are brought to life."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from pytest_httpserver import HTTPServer

from replayed import shipped
from wiretape.replay.clock import Clock
from wiretape.replay.conformance.driving.vscode.account import LOOPBACK, Account
from wiretape.replay.conformance.driving.vscode.editor import Editor
from wiretape.replay.conformance.driving.vscode.fetching import BlockedError, Page, by_node
from wiretape.replay.conformance.driving.vscode.rules import Legacy, Streamable
from wiretape.replay.edge.serving import Running, running
from wiretape.replay.service import Choices

LEGACY, STREAMABLE, LATEST = "atlassian-2025-08", "atlassian-2026-03", "atlassian-2026-09"
SITE = "https://vscode.dev"
PROFILES = (LEGACY, STREAMABLE, LATEST)


@asynccontextmanager
async def editing(
    profile: str,
) -> AsyncIterator[tuple[Editor, Running]]:
    """Run a service and a VS Code that knows its URL; the clock stands still."""
    async with (
        running(shipped(profile), clock=Clock(rate=0), choices=Choices("consistent")) as at,
        httpx.AsyncClient(trust_env=False) as http,
        httpx.AsyncClient(trust_env=False) as browser,
    ):
        fetch = by_node(http)
        editor = Editor(at.urls[0], fetch, Account(fetch, browser, LOOPBACK))
        try:
            yield editor, at
        finally:
            await editor.stop()


def asked(at: Running, what: str) -> list[int | None]:
    """Give the statuses of what the service was asked, by its role or operation."""
    return [e.status for e in at.service.world.journal if what in {e.role, e.operation}]


@pytest.mark.parametrize("profile", PROFILES)
def test_it_connects_and_lives_through_expiry(profile: str) -> None:
    async def played() -> None:
        async with editing(profile) as (editor, at):
            await editor.start()
            assert len(editor.tools) == 24
            assert (await editor.call())["content"]
            at.service.world.clock.advance(3600)
            editor.account.age()
            assert (await editor.call())["content"]
            assert asked(at, "registration") == [201]
            assert asked(at, "refresh_token") == [200]
            assert editor.connection is not None
            kind = Legacy if profile == LEGACY else Streamable
            assert isinstance(editor.connection.mode, kind)

    asyncio.run(played())


def test_it_falls_back_to_sse_after_404() -> None:
    async def played() -> None:
        async with editing(LEGACY) as (editor, at):
            await editor.start()
            journal = at.service.world.journal
            tried = [(e.method, e.status) for e in journal if e.role == "sse"]
            assert tried == [("POST", 401), ("POST", 404), ("GET", 200)]
            assert isinstance(editor.connection and editor.connection.mode, Legacy)

    asyncio.run(played())


def test_it_registers_again_when_a_token_is_over_before_its_time() -> None:
    async def played() -> None:
        async with editing(STREAMABLE) as (editor, at):
            await editor.start()
            at.service.world.clock.advance(3600)
            await editor.call()
            assert asked(at, "registration") == [201, 201]
            assert asked(at, "refresh_token") == []

    asyncio.run(played())


def test_it_begins_another_session_and_calls_again() -> None:
    async def played() -> None:
        async with editing(STREAMABLE) as (editor, at):
            await editor.start()
            at.service.faults.arm("session-gone", times=1)
            await editor.call()
            assert asked(at, "initialize") == [401, 200, 401, 200]
            assert asked(at, "registration") == [201]

    asyncio.run(played())


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ({}, None),
        ({"access-control-expose-headers": "Mcp-Session-Id"}, "abc"),
    ],
)
def test_a_page_sees_what_is_exposed(
    httpserver: HTTPServer, given: dict[str, str], seen: str | None
) -> None:
    headers = {"access-control-allow-origin": SITE, "mcp-session-id": "abc"} | given
    httpserver.expect_request("/mcp").respond_with_data("{}", headers=headers)
    answer = asyncio.run(fetched(httpx.Request("GET", httpserver.url_for("/mcp"))))
    assert answer.headers.get("mcp-session-id") == seen


@pytest.mark.parametrize(
    ("status", "given", "why"),
    [
        (200, {}, "the answer does not allow the origin"),
        (307, {"access-control-allow-origin": "*", "location": "/"}, "redirect by hand"),
    ],
)
def test_a_page_is_kept_from_answers(
    httpserver: HTTPServer, status: int, given: dict[str, str], why: str
) -> None:
    httpserver.expect_request("/mcp").respond_with_data("{}", status, given)
    with pytest.raises(BlockedError, match=why):
        asyncio.run(fetched(httpx.Request("GET", httpserver.url_for("/mcp"))))
    [(request, _)] = httpserver.log
    assert request.headers["origin"] == SITE


def test_a_page_asks_before_it_sends(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/mcp").respond_with_data("{}", 405)
    asked = httpx.Request("POST", httpserver.url_for("/mcp"), json={})
    with pytest.raises(BlockedError, match="the preflight was answered 405"):
        asyncio.run(fetched(asked))
    [(request, _)] = httpserver.log
    assert (request.method, request.headers["origin"]) == ("OPTIONS", SITE)
    assert request.headers["access-control-request-headers"] == "content-type"


async def fetched(request: httpx.Request) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await Page(http, SITE)(request)
        await answer.aclose()
        return answer
