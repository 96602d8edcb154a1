"""What is not HTTP passes as well; that it is not recorded is said."""

import asyncio

import pytest

from loopback import Recorder
from loopback.http1 import read_head
from wiretape.recorder.log.records import Gap

HELLO, PIECE = b"220 not.http ESMTP\r\n", bytes(range(256)) * 256


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Greet first, as some protocols have it, then send back whatever comes."""
    writer.write(HELLO)
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def upgrade(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Switch protocols as asked, then be an echo."""
    head = await read_head(reader)
    assert head.header(b"upgrade") == b"websocket"
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    )
    await echo(reader, writer)


def gap(recorder: Recorder, peer: str) -> Gap:
    def found() -> Gap | None:
        recorder.follow()
        gaps = (line.record for line in recorder.lines if isinstance(line.record, Gap))
        return next((each for each in gaps if peer in each.reason), None)

    return recorder.until(found)


@pytest.mark.parametrize("how", ["tunnel", "upgrade"])
def test_another_protocol_passes_byte_for_byte_and_leaves_a_gap(
    how: str, recorder: Recorder
) -> None:
    async def play() -> str:
        server = await asyncio.start_server(echo if how == "tunnel" else upgrade, "127.0.0.1", 0)
        async with server, asyncio.timeout(60):
            host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
            reader, writer = await asyncio.open_connection("127.0.0.1", recorder.port)
            if how == "tunnel":
                head = f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n"
            else:
                head = (
                    f"GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\n"
                    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
                )
            writer.write(head.encode())
            answer = await read_head(reader)
            assert answer.status == (200 if how == "tunnel" else 101)
            assert await reader.readexactly(len(HELLO)) == HELLO
            for _ in range(100):
                writer.write(PIECE)
                assert await reader.readexactly(len(PIECE)) == PIECE
            writer.close()
            return host

    assert "not recorded" in gap(recorder, asyncio.run(play())).reason
