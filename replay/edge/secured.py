"""A service that runs, on one more port: that speaks https, and http to whoever begins with that.

client ─► the port ─┬─ a TLS handshake (RFC 8446, 5.1: content type 22) ─► https ─┬─► service
                    └─ anything else ────────────────────────────────────► http ──┘
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from wiretape.recorder.log.urls import origin
from wiretape.replay.edge.asgi import App
from wiretape.replay.edge.listening import bound, listening
from wiretape.replay.edge.recording import Taken
from wiretape.replay.edge.serving import Running
from wiretape.replay.edge.tapped import Tapped
from wiretape.replay.edge.tls import Authority
from wiretape.replay.http.origins import home

_HOST = "127.0.0.1"
_HANDSHAKE = b"\x16"
_MOST = 2**16


@dataclass(frozen=True)
class Secured:
    """The MCP endpoint by https and, at the same port, by http; `authority` is whom to trust."""

    url: str
    authority: Authority

    @property
    def plain(self) -> str:
        """The same by http."""
        return urlsplit(self.url)._replace(scheme="http").geturl()

    @property
    def origins(self) -> frozenset[str]:
        """Where both are."""
        return frozenset({origin(self.url), origin(self.plain)})


@asynccontextmanager
async def secured(service: Running, authority: Authority, taken: Taken) -> AsyncIterator[Secured]:
    """Offer a service there while the context lasts; what passes is recorded."""
    world = service.service.world
    sockets = [bound(_HOST, 0) for _ in range(3)]
    front, https, http = (at.getsockname()[1] for at in sockets)
    named = f"{_HOST}:{front}"
    app = App(service.service, home(world.profile), frozenset({named}))
    tapped = Tapped(app, taken, world.gate)

    async def led(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _led(reader, writer, https, http)

    server = await asyncio.start_server(led, sock=sockets[0])
    try:
        async with (
            listening(tapped, sockets[1], tls=authority.context(_HOST), recorded=True),
            listening(tapped, sockets[2], recorded=True),
        ):
            at = urlsplit(service.urls[0])._replace(scheme="https", netloc=named)
            yield Secured(at.geturl(), authority)
    finally:
        server.close()


async def _led(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, https: int, http: int
) -> None:
    """Lead a connection by its first bytes, and carry what passes until either side leaves."""
    with closing(writer), suppress(OSError):
        first = await reader.read(_MOST)
        port = https if first.startswith(_HANDSHAKE) else http
        behind, onward = await asyncio.open_connection(_HOST, port)
        onward.write(first)
        await asyncio.gather(_carried(reader, onward), _carried(behind, writer))


async def _carried(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with closing(sink), suppress(ConnectionError):
        while part := await source.read(_MOST):
            sink.write(part)
            await sink.drain()
