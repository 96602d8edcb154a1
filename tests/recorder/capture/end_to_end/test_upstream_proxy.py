"""A proxy of the environment is honoured, and its password is nobody else's business."""

import asyncio
from base64 import b64encode
from pathlib import Path

import pytest

from loopback import Ask, Origin, Recorder, Told, Turn, ask, recording, talk
from loopback.forwarding import ForwardProxy
from loopback.http2 import connect, request
from loopback.tls import server_side
from loopback.wire import chunk, event, response, stream_head
from peers.tls import Authority
from wiretape.recorder.log.records import Error

USER, PASSWORD = "clerk", "Xq7vLr2KpZ6wNb"
WORDS = {
    word
    for text in (USER + ":" + PASSWORD, PASSWORD)
    for word in (text, b64encode(text.encode()).decode().rstrip("="))
}
ECHO = (b"Content-Type", b"text/plain"), (b"Content-Length", b"4")


async def echo(turn: Turn) -> None:
    await turn.read()
    await turn.send(response(turn.request.body, b"Content-Type: text/plain"))


def check_secrecy(recorder: Recorder, out: Path) -> None:
    """Nothing of the password is in what was written or printed."""
    files = [path.read_text() for path in out.iterdir() if path.is_file()]
    assert len(files) == 2
    for text in (*files, recorder.stderr):
        assert not [word for word in WORDS if word in text]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_requests_go_through_the_proxy_with_its_password(
    scheme: str, home: Path, tmp_path: Path, authority: Authority
) -> None:
    """In the clear as RFC 9112, 3.2.2 wants it, encrypted through a tunnel (3.2.3)."""
    tls = server_side(authority) if scheme == "https" else None

    async def play() -> Told:
        async with ForwardProxy(f"{USER}:{PASSWORD}") as proxy, Origin(echo, tls) as origin:
            env = {f"{scheme}_proxy": proxy.url}
            options = ("--upstream-ca", str(authority.ca_file))
            with recording(home, tmp_path, *options, env=env) as recorder:
                told = await talk(Ask(b"POST", b"/x", ECHO, (b"text",)), origin, recorder.way)
                exchange = await asyncio.to_thread(recorder.exchange, f"{origin.url}/x")
            assert exchange.complete
            check_secrecy(recorder, tmp_path)
            (asked,) = proxy.asked
            target = f"{origin.url}/x" if scheme == "http" else origin.authority
            method = "POST" if scheme == "http" else "CONNECT"
            assert asked.first_line == f"{method} {target} HTTP/1.1".encode()
            return told

    told = asyncio.run(play())
    assert told.request.first_line == b"POST /x HTTP/1.1"
    assert told.request.body == told.response.body == b"text"
    assert told.request.header(b"proxy-authorization") is None


def test_a_stream_through_the_proxy_is_not_held_back(home: Path, tmp_path: Path) -> None:
    parts = [event(b"%d" % number) for number in range(3)]

    async def script(turn: Turn) -> None:
        size = 0
        await turn.send(stream_head())
        for part in parts:
            await turn.send(chunk(part))
            size += len(part)
            await turn.client.reached(size)
        await turn.send(chunk(b""))

    async def play() -> None:
        async with ForwardProxy(f"{USER}:{PASSWORD}") as proxy, Origin(script) as origin:
            with recording(
                home, tmp_path, env={"HTTP_PROXY": "", "http_proxy": proxy.url}
            ) as recorder:
                told = await talk(Ask(), origin, recorder.way)
                assert told.response.body == b"".join(parts)

    asyncio.run(play())


def test_hosts_of_no_proxy_are_asked_directly(home: Path, tmp_path: Path) -> None:
    async def play() -> None:
        async with ForwardProxy(f"{USER}:{PASSWORD}") as proxy, Origin(echo) as origin:
            env = {"http_proxy": proxy.url, "no_proxy": "elsewhere.example,127.0.0.1"}
            with recording(home, tmp_path, env=env) as recorder:
                told = await talk(Ask(b"POST", b"/", ECHO, (b"text",)), origin, recorder.way)
            assert told.response.body == b"text"
            assert not proxy.asked

    asyncio.run(play())


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_refuses_is_told_of(
    scheme: str, home: Path, tmp_path: Path, authority: Authority
) -> None:
    """A 407 in the clear is a response like any other; a tunnel that is refused is an error."""
    tls = server_side(authority) if scheme == "https" else None

    async def play() -> None:
        async with ForwardProxy(f"{USER}:{PASSWORD}") as proxy, Origin(echo, tls) as origin:
            env = {f"{scheme}_proxy": proxy.url.replace(PASSWORD, "another")}
            with recording(home, tmp_path, env=env) as recorder:
                answered = await ask(Ask(), origin, recorder.way)
                exchange = await asyncio.to_thread(recorder.exchange, f"{origin.url}/")
            if scheme == "http":
                assert answered.status == exchange.status == 407
            else:
                assert answered.status == 502
                assert isinstance(exchange.last, Error)
                assert exchange.last.kind == "connect"
                assert "407" in exchange.last.detail
            check_secrecy(recorder, tmp_path)

    asyncio.run(play())


def test_any_number_of_http2_streams_reach_a_server_without_http2(
    home: Path, tmp_path: Path, authority: Authority
) -> None:
    """Behind a proxy the recorder agrees on HTTP/2 before it knows what the server speaks."""
    tls = server_side(authority)

    async def script(turn: Turn) -> None:
        await turn.send(stream_head() + chunk(event(b"here")))
        await turn.reader.read()

    async def play() -> None:
        async with ForwardProxy(f"{USER}:{PASSWORD}") as proxy, Origin(script, tls) as origin:
            options = ("--upstream-ca", str(authority.ca_file))
            with recording(home, tmp_path, *options, env={"https_proxy": proxy.url}) as recorder:
                way = recorder.way
                assert way.trusted
                way.trusted.set_alpn_protocols(["h2"])
                async with await connect(origin, way) as connection, asyncio.timeout(60):
                    asked = [request(origin, b"/%d" % number) for number in range(20)]
                    streams = [await connection.ask(each) for each in asked]
                    for stream in streams:
                        await stream.received(len(event(b"here")))

    asyncio.run(play())
