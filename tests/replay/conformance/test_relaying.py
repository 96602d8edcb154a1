"""The relay passes on what it gets, as it gets it, and all of it is in the recording."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from wiretape.recorder.log.exchanges import Exchange, exchanges, header
from wiretape.recorder.log.reader import read
from wiretape.recorder.log.records import End
from wiretape.recorder.redaction.redactor import Redactor
from wiretape.replay.clock import Clock
from wiretape.replay.conformance.launching import free_port
from wiretape.replay.conformance.relaying import REBOUND, relaying
from wiretape.replay.edge.recording import recording

OK = b"HTTP/1.1 200 OK\r\nX-Case: Kept\r\ncontent-length: 2\r\n\r\nok"
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: first\n\n"

type Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
type Do = Callable[[httpx.AsyncClient, str], Awaitable[Any]]


@asynccontextmanager
async def serving(peer: Peer) -> AsyncIterator[str]:
    async with await asyncio.start_server(peer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def relayed(folder: Path, peer: Peer, do: Do) -> list[Exchange]:
    """Have a client ask a peer through a relay; gives what was recorded."""

    async def done() -> Path:
        clock, redactor = Clock(), Redactor()
        with recording(folder, "relay", clock, redactor, warn=pytest.fail, profile="none") as taken:
            async with (
                serving(peer) as url,
                relaying(taken) as proxy,
                httpx.AsyncClient(proxy=proxy, trust_env=False) as http,
            ):
                await do(http, url)
            return taken.path

    with read(asyncio.run(asyncio.wait_for(done(), 20))) as lines:
        return list(exchanges(lines))


def told(answer: bytes, heard: list[bytes] | None = None) -> Peer:
    """Answer each connection's first request, and close."""

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if heard is not None:
            heard.append(head)
        writer.write(answer)
        writer.close()

    return peer


def test_a_target_may_close_a_connection_that_it_has_answered_on(tmp_path: Path) -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await reader.read(1)
        writer.close()

    async def ask(http: httpx.AsyncClient, url: str) -> None:
        for _ in range(3):
            assert (await http.get(url)).status_code == 200

    assert len(relayed(tmp_path, once, ask)) == 3


def test_headers_are_as_they_were_spelt(tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def ask(http: httpx.AsyncClient, url: str) -> None:
        answer = await http.get(f"{url}/a%2Fb?c=d%20e", headers=[("X-Two", "1"), ("x-two", "2")])
        assert (answer.text, answer.headers["x-case"]) == ("ok", "Kept")

    (found,) = relayed(tmp_path, told(OK, heard), ask)
    assert heard[0].startswith(b"GET /a%2Fb?c=d%20e HTTP/1.1\r\n")
    assert b"X-Two: 1\r\nx-two: 2\r\n" in heard[0]
    assert found.request.url.endswith("/a%2Fb?c=d%20e")
    assert [name for name, _ in found.request.headers if name.lower() == "x-two"] == [
        "X-Two",
        "x-two",
    ]
    assert found.response is not None
    assert ("X-Case", "Kept") in found.response.headers


def test_a_body_arrives_whole(tmp_path: Path) -> None:
    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"content-length: 100000" in head.lower()
        body = await reader.readexactly(100_000)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n%d" % len(body))
        writer.close()

    async def ask(http: httpx.AsyncClient, url: str) -> None:
        assert (await http.post(url, content=b"x" * 100_000)).text == "100000"

    relayed(tmp_path, peer, ask)


def test_events_pass_at_once_and_leaving_ends_the_stream(tmp_path: Path) -> None:
    gone = asyncio.Event()

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(STREAM)
        assert await reader.read() == b""  # until the relay leaves
        gone.set()
        writer.close()

    async def ask(http: httpx.AsyncClient, url: str) -> None:
        async with http.stream("GET", url) as answer:
            assert await anext(answer.aiter_lines()) == "data: first"
            assert not gone.is_set()
        await gone.wait()

    (found,) = relayed(tmp_path, peer, ask)
    assert len(found.events) == 1
    assert isinstance(found.last, End)
    assert found.last.how == "client abort"


def test_a_stream_that_breaks_breaks_for_the_client(tmp_path: Path) -> None:
    broken = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nnot all of it"

    async def ask(http: httpx.AsyncClient, url: str) -> None:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get(url)

    (found,) = relayed(tmp_path, told(broken), ask)
    assert isinstance(found.last, End)
    assert found.last.how == "server abort"


def test_a_target_that_is_not_there(tmp_path: Path) -> None:
    async def ask(http: httpx.AsyncClient, _url: str) -> None:
        answer = await http.get(f"http://127.0.0.1:{free_port()}/")
        assert answer.status_code == 502
        assert answer.text.startswith("the target cannot be reached")

    relayed(tmp_path, told(OK), ask)


@pytest.mark.parametrize("host", ["service.example", "10.0.0.1:81", "localhost.example"])
def test_it_reaches_this_machine_only(tmp_path: Path, host: str) -> None:
    async def ask(http: httpx.AsyncClient, _url: str) -> None:
        assert (await http.get(f"http://{host}/")).status_code == 403

    (found,) = relayed(tmp_path, told(OK), ask)
    assert header(found.request.headers, "host") == host


@pytest.mark.parametrize("host", ["127.0.0.1:99999", f"{REBOUND}:99999", "127.0.0.1:x", "[::1"])
def test_a_host_that_is_none_is_told(tmp_path: Path, host: str) -> None:
    async def ask(http: httpx.AsyncClient, url: str) -> None:
        answer = await http.get(url, headers={"host": host})
        assert answer.status_code == 502
        assert answer.text.startswith("the target cannot be reached")

    relayed(tmp_path, told(OK), ask)


def test_one_name_leads_to_this_machine_and_is_passed_on(tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def ask(http: httpx.AsyncClient, url: str) -> None:
        named = url.replace("127.0.0.1", REBOUND)
        assert (await http.get(f"{named}/mcp")).text == "ok"

    (found,) = relayed(tmp_path, told(OK, heard), ask)
    host = urlsplit(found.request.url).netloc
    assert host.startswith(f"{REBOUND}:")
    assert f"Host: {host}\r\n".encode() in heard[0]


def test_a_relay_does_not_ask_itself(tmp_path: Path) -> None:
    async def done() -> int:
        clock, redactor = Clock(), Redactor()
        with recording(
            tmp_path, "relay", clock, redactor, warn=pytest.fail, profile="none"
        ) as taken:
            async with relaying(taken) as proxy, httpx.AsyncClient(trust_env=False) as http:
                return (await http.get(f"{proxy}/mcp")).status_code

    assert asyncio.run(asyncio.wait_for(done(), 20)) == 508
