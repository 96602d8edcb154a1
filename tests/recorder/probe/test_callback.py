"""The page that the browser lands on."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import httpx
import pytest

from wiretape.recorder.errors import EnvironmentFaultError
from wiretape.recorder.probe.callback import Callback, listening
from wiretape.recorder.probe.talk import StepError

type Test = Callable[[Callback, httpx.AsyncClient], Awaitable[None]]


def run(test: Test, port: int = 0) -> None:
    async def within() -> None:
        async with (
            asyncio.timeout(20),
            listening(port) as callback,
            httpx.AsyncClient(trust_env=False) as browser,
        ):
            await test(callback, browser)

    asyncio.run(within())


def test_the_parameters_are_those_of_the_awaited_state():
    async def test(callback: Callback, browser: httpx.AsyncClient) -> None:
        other = await browser.get(f"{callback.url}?state=other&code=wrong")
        page = await browser.get(f"{callback.url}?code=a%3Ab&state=mine")
        await browser.get(f"{callback.url}?code=later&state=mine")
        assert (other.status_code, page.status_code) == (200, 200)
        assert "close this window" in page.text
        assert await callback.landed("mine") == {"code": "a:b", "state": "mine"}

    run(test)


def test_whoever_waits_first_is_told_when_the_browser_comes():
    async def test(callback: Callback, browser: httpx.AsyncClient) -> None:
        waiting = asyncio.create_task(callback.landed("mine"))
        await browser.get(f"{callback.url}?error=access_denied&state=mine")
        assert (await waiting)["error"] == "access_denied"

    run(test)


def test_nobody_coming_is_an_error_of_the_step():
    async def test(callback: Callback, _: httpx.AsyncClient) -> None:
        with pytest.raises(StepError, match="nobody came"):
            await callback.landed("mine", seconds=0.01)

    run(test)


@pytest.mark.parametrize("path", ["/", "/callback", "/other?state=x", "/callback/?state=x"])
def test_other_pages_there_are_none(path: str):
    async def test(callback: Callback, browser: httpx.AsyncClient) -> None:
        found = await browser.get(callback.url.removesuffix("/callback") + path)
        assert found.status_code == 404

    run(test)


@pytest.mark.parametrize(
    "sent", [b"", b"\r\n\r\n", b"GET\r\n\r\n", b"\xff \xff\r\n\r\n", b"x" * 70_000]
)
def test_what_is_no_request_does_no_harm(sent: bytes):
    async def test(callback: Callback, browser: httpx.AsyncClient) -> None:
        port = httpx.URL(callback.url).port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        writer.write_eof()
        await reader.read()
        writer.close()
        await browser.get(f"{callback.url}?code=c&state=mine")
        assert (await callback.landed("mine"))["code"] == "c"

    run(test)


def test_a_port_that_is_taken_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        async def test(*_: object) -> None:
            raise AssertionError("it must not come to this")

        with pytest.raises(EnvironmentFaultError, match=f"--callback-port {port}"):
            run(test, port)
