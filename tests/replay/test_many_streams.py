"""A thousand streams at once: each client hears all that is said to it, in order, and no more."""

import asyncio
import json
import resource
from typing import Any
from urllib.parse import urlsplit

import pytest

from replayed import shipped
from wiretape.replay.clock import Clock
from wiretape.replay.edge.serving import running
from wiretape.replay.oauth.tokens import Grant

CLIENTS = 1000
CALLS = 4
_SPARE = 200
"""Open files that are not sockets of streams."""


def _clients() -> int:
    """Give how many can be at once in one process, with both ends of each connection in it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 3 * CLIENTS + _SPARE  # a connection is closed in a moment, not at once
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    return min(CLIENTS, (min(max(soft, wanted), hard) - _SPARE) // 3)


class Peer:
    """A client on bare sockets."""

    def __init__(self, number: int, host: str, path: str) -> None:
        self.number = number
        self.host = host
        self.path = path

    async def open(self) -> None:
        self.reader, self.writer = await _connected(self.host)
        self.writer.write(self._request("GET", self.path))
        assert b" 200 " in await self.reader.readuntil(b"\r\n\r\n")
        self.endpoint = (await self._heard()).decode()

    async def calls(self) -> None:
        """Call with ids that all clients use, on one connection."""
        reader, writer = await _connected(self.host)
        for call in range(CALLS):
            body = json.dumps(
                {
                    "jsonrpc": "2.0",
                    "id": call,
                    "method": "tools/call",
                    "params": {"name": f"{self.number}.{call}"},
                }
            ).encode()
            writer.write(self._request("POST", self.endpoint, body))
            head = await reader.readuntil(b"\r\n\r\n")
            assert b" 202 " in head
            await reader.readexactly(_length(head))
        writer.close()

    async def answers(self) -> list[Any]:
        return [json.loads(await self._heard()) for _ in range(CALLS)]

    async def _heard(self) -> bytes:
        """Read the data of the next event; each is one chunk (RFC 9112, 7.1)."""
        while True:
            size = int(await self.reader.readline(), 16)
            event = (await self.reader.readexactly(size + 2))[:-2]
            if b"data: " in event:
                return event.partition(b"data: ")[2].partition(b"\n")[0]

    def _request(self, method: str, path: str, body: bytes = b"") -> bytes:
        head = (
            f"{method} {path} HTTP/1.1",
            f"host: {self.host}",
            f"authorization: Bearer {_token(self.number)}",
            f"content-length: {len(body)}",
            "content-type: application/json",
        )
        return "\r\n".join((*head, "", "")).encode() + body


@pytest.mark.timeout(60)
def test_each_of_a_thousand_streams_has_all_its_messages() -> None:
    clients = _clients()
    asyncio.run(_played(clients))
    if clients < CLIENTS:
        pytest.skip(f"shown for {clients} streams only: no more files may be open at once here")


async def _played(clients: int) -> None:
    clock = Clock(1_700_000_000, rate=0)
    async with running(shipped("atlassian-2025-08"), clock=clock) as at:
        world = at.service.world
        for number in range(clients):
            grant = Grant(number, "a client", None)
            world.state.lineages.issue(grant, _token(number), None, clock.now())
        url = urlsplit(at.urls[0])
        peers = [Peer(number, url.netloc, url.path) for number in range(clients)]
        await asyncio.gather(*(peer.open() for peer in peers))
        assert len({peer.endpoint for peer in peers}) == clients
        streams = world.sessions.open.values()
        assert sum(each.stream is not None and each.stream.is_read for each in streams) == clients
        clock.advance(30)  # keep-alives are due on all
        heard = asyncio.gather(*(peer.answers() for peer in peers))
        await asyncio.gather(*(peer.calls() for peer in peers))
        for peer, answers in zip(peers, await heard, strict=True):
            assert [answer["id"] for answer in answers] == list(range(CALLS))
            names = [answer["error"]["message"].rpartition(" ")[2] for answer in answers]
            assert names == [f"{peer.number}.{call}" for call in range(CALLS)]


async def _connected(host: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    name, _, port = host.rpartition(":")
    return await asyncio.open_connection(name, int(port))


def _token(number: int) -> str:
    return f"token-{number}"


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
