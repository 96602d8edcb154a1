"""Whatever breaks off breaks off for the other side as well, and the recording says how."""

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path
from socket import create_server

import pytest

from loopback import Ask, Direct, Message, Origin, Recorder, Script, Turn, answer, recording, talk
from loopback.asking import Streams
from loopback.http1 import read_response
from loopback.tls import server_side
from loopback.wire import chunk, event, response, stream_head
from peers.tls import Authority
from wiretape.recorder.log.exchanges import Exchange
from wiretape.recorder.log.records import End, Error

FIRST = event(b'{"number": 1}')
HALF = b"data: half of an ev"
LENGTH = (b"Content-Length", b"100")


def end(exchange: Exchange) -> End:
    assert isinstance(exchange.last, End)
    return exchange.last


def error(exchange: Exchange) -> Error:
    """Give the error that is all that came of a request."""
    assert exchange.response is None
    assert isinstance(exchange.last, Error)
    return exchange.last


@dataclass(frozen=True)
class Leaving:
    """What a client says and hears before it leaves, and what the server does meanwhile."""

    ask: Ask
    body: bytes
    script: Script
    hears: bytes | None
    events: int = 0


async def wait_for_the_end(turn: Turn) -> None:
    """Read until the client is gone, however it went."""
    try:
        while await turn.reader.read(65536):
            pass
    except ConnectionError:
        pass


async def say_one_event_and_wait(turn: Turn) -> None:
    await turn.send(stream_head() + chunk(FIRST))
    await wait_for_the_end(turn)


LEAVING = {
    "in its request": Leaving(Ask(b"POST", headers=(LENGTH,)), b"half", wait_for_the_end, None),
    "before the answer": Leaving(Ask(), b"", wait_for_the_end, None),
    "in a stream": Leaving(Ask(), b"", say_one_event_and_wait, FIRST, events=1),
}


@pytest.mark.parametrize("abruptly", [False, True], ids=["closing", "resetting"])
@pytest.mark.parametrize("when", LEAVING)
def test_a_client_leaves(when: str, abruptly: bool, recorder: Recorder) -> None:
    """The server's script ends only when the server notices."""
    case = LEAVING[when]
    path = f"/leaving/{list(LEAVING).index(when)}/{abruptly}".encode()

    async def play() -> str:
        async with Origin(case.script) as origin, asyncio.timeout(60):
            reader, writer = await recorder.way.connect(origin)
            ask = Ask(case.ask.method, path, case.ask.headers)
            writer.write(ask.head(origin.authority, recorder.way.target(origin, path)) + case.body)
            await origin.reached()
            if case.hears is not None:
                await reader.readuntil(case.hears)
            if abruptly:
                writer.transport.abort()
            else:
                writer.close()
            await origin.closed()
            return origin.url + path.decode()

    exchange = recorder.exchange(asyncio.run(play()))
    assert end(exchange).how == "client abort"
    assert len(exchange.events) == end(exchange).events == case.events
    assert (exchange.request.body.data() if exchange.request.body else b"") == case.body


BROKEN = {
    "in a chunk of a stream": stream_head() + chunk(FIRST) + b"64\r\n" + HALF,
    "between chunks": stream_head() + chunk(FIRST),
    "in the size of a chunk": stream_head() + chunk(FIRST) + b"6",
    "in a chunk of a body": stream_head(kind=b"text/plain") + b"64\r\nhalf",
    "before its length": response(b"half", b"Content-Length: 100", length=False),
}


@pytest.mark.parametrize("abruptly", [False, True], ids=["closing", "resetting"])
@pytest.mark.parametrize("when", BROKEN)
def test_a_server_leaves(when: str, abruptly: bool, recorder: Recorder) -> None:
    path = f"/broken/{list(BROKEN).index(when)}/{abruptly}".encode()

    async def script(turn: Turn) -> None:
        await turn.send(BROKEN[when])
        if abruptly:
            turn.reset()

    async def play() -> str:
        async with Origin(script) as origin:
            direct = await talk(Ask(path=path), origin, Direct())
            assert direct.response.ending == "cut"
            assert await talk(Ask(path=path), origin, recorder.way) == direct
            return origin.url + path.decode()

    exchange = recorder.exchange(asyncio.run(play()))
    assert end(exchange).how == "server abort"
    if b"event-stream" in BROKEN[when]:
        assert exchange.events[0].data
        assert exchange.events[0].data.data() == b'{"number":1}'
        assert [each.incomplete for each in exchange.events[1:]] == [True] * (HALF in BROKEN[when])
    else:
        assert exchange.response
        assert exchange.response.body
        assert exchange.response.body.data() == b"half"


NO_ANSWER = {
    "nothing": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-",
    "no HTTP": b"220 mail.example ESMTP\r\n\r\n",
    "no length": response(b"", b"Content-Length: many", length=False),
    "no chunks": response(b"no chunks", b"Transfer-Encoding: chunked", length=False),
}


@pytest.mark.parametrize("name", NO_ANSWER)
def test_a_server_does_not_answer_in_http(name: str, recorder: Recorder) -> None:
    """A proxy cannot say it otherwise than by 502, or by breaking off after the head."""
    path = f"/no-answer/{list(NO_ANSWER).index(name)}".encode()

    async def play() -> tuple[Message, str]:
        async with Origin(answer(NO_ANSWER[name])) as origin:
            told = await talk(Ask(path=path), origin, recorder.way)
            return told.response, origin.url + path.decode()

    told, url = asyncio.run(play())
    exchange = recorder.exchange(url)
    if name == "no chunks":
        assert told.ending == "cut"
        assert end(exchange).how == "server abort"
    else:
        assert told.status == 502
        assert error(exchange).kind == "protocol"


async def asked(recorder: Recorder, url: str) -> Message:
    """Ask the recorder for a URL that is none of our servers'."""
    async with asyncio.timeout(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", recorder.port)
        writer.write(b"GET %b HTTP/1.1\r\nHost: elsewhere\r\n\r\n" % url.encode())
        answered = await read_response(reader, b"GET", lambda piece: None)
        writer.close()
        return answered


async def tunnel(recorder: Recorder, host: str) -> Streams:
    """Have the recorder connect us to a host."""
    reader, writer = await asyncio.open_connection("127.0.0.1", recorder.port)
    writer.write(f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


def unused_port() -> int:
    with create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize("kind", ["dns", "connect"])
def test_a_server_cannot_be_reached(kind: str, recorder: Recorder) -> None:
    host = "no-such-host.invalid" if kind == "dns" else f"127.0.0.1:{unused_port()}"
    assert asyncio.run(asked(recorder, f"http://{host}/mcp")).status == 502
    failure = error(recorder.exchange(f"http://{host}/mcp"))
    assert failure.kind == kind
    assert failure.peer == (f"{host}:80" if kind == "dns" else host)
    assert failure.detail in recorder.printed(f"http://{host}/mcp")


OK = answer(response(b'{"ok": true}', b"Content-Type: application/json"))


def test_a_certificate_that_cannot_be_verified_is_refused(
    recorder: Recorder, authority: Authority
) -> None:
    async def play() -> tuple[Message, str]:
        async with Origin(OK, server_side(authority)) as origin, asyncio.timeout(60):
            reader, writer = await recorder.way.connect(origin)
            writer.write(Ask(path=b"/tls").head(origin.authority, b"/tls"))
            answered = await read_response(reader, b"GET", lambda piece: None)
            writer.close()
            assert not origin.turns
            return answered, f"{origin.url}/tls"

    answered, url = asyncio.run(play())
    assert answered.status == 502
    failure = error(recorder.exchange(url))
    assert failure.kind == "tls"
    assert "certificate" in failure.detail.lower()
    shown = url.removeprefix("https://")
    assert failure.detail in recorder.printed(shown)


def test_a_server_that_speaks_no_tls(recorder: Recorder) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(response(status=b"400 Bad Request"))
        await writer.drain()
        writer.close()

    async def play() -> str:
        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        async with server, asyncio.timeout(60):
            host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
            reader, writer = await tunnel(recorder, host)
            assert recorder.way.trusted
            await writer.start_tls(recorder.way.trusted, server_hostname="127.0.0.1")
            writer.write(Ask(path=b"/plain").head(host, b"/plain"))
            assert (await read_response(reader, b"GET", lambda piece: None)).status == 502
            writer.close()
            return f"https://{host}/plain"

    assert error(recorder.exchange(asyncio.run(play()))).kind == "tls"


def test_a_tunnel_to_nowhere(recorder: Recorder) -> None:
    """The client has asked for nothing yet, so the error belongs to no exchange."""
    host = f"127.0.0.1:{unused_port()}"

    async def play() -> int:
        async with asyncio.timeout(60):
            reader, writer = await asyncio.open_connection("127.0.0.1", recorder.port)
            writer.write(f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            status = (await read_response(reader, b"GET", lambda piece: None)).status
            writer.close()
            return status

    assert asyncio.run(play()) == 502
    assert recorder.error(host).kind == "connect"
    assert recorder.printed(host).startswith("warning: ")


def test_a_client_that_does_not_trust_the_recorder(
    recorder: Recorder, authority: Authority
) -> None:
    async def play() -> str:
        async with Origin(OK, server_side(authority)) as origin, asyncio.timeout(60):
            _, writer = await tunnel(recorder, origin.authority)
            with pytest.raises(ssl.SSLCertVerificationError):
                await writer.start_tls(ssl.create_default_context(), server_hostname="127.0.0.1")
            writer.close()
            return origin.authority

    host = asyncio.run(play())
    failure = recorder.error(host)
    assert failure.kind == "tls"
    assert recorder.printed(host).startswith("warning: ")


TRUST = {
    "--upstream-ca": lambda authority: ["--upstream-ca", str(authority.ca_file)],
    "--insecure": lambda authority: ["--insecure"],
}


@pytest.mark.parametrize("option", TRUST)
def test_tls_passes_when_told_to_trust(
    option: str, home: Path, tmp_path: Path, authority: Authority
) -> None:
    async def play(recorder: Recorder) -> str:
        async with Origin(OK, server_side(authority)) as origin:
            trusted = ssl.create_default_context(cafile=authority.ca_file)
            direct = await talk(Ask(path=b"/tls"), origin, Direct(trusted))
            assert await talk(Ask(path=b"/tls"), origin, recorder.way) == direct
            return f"{origin.url}/tls"

    with recording(home, tmp_path, *TRUST[option](authority)) as recorder:
        exchange = recorder.exchange(asyncio.run(play(recorder)))
    assert exchange.complete
    assert exchange.response
    assert exchange.response.body
    assert exchange.response.body.data() == b'{"ok":true}'
