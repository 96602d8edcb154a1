"""One port of this machine, and the server on it, which can refuse connections for a while."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from wiretape.recorder.errors import EnvironmentFaultError
from wiretape.replay.edge.asgi import TRANSPORT

_LEAVING = 1
"""Seconds that open connections have to end by themselves."""

_IDLE = 75
"""Seconds that a connection is kept while nothing is asked on it: more than clients do, lest one
ask just when it is closed. Many keep theirs for as long as uvicorn does if nothing is said."""

_BACKLOG = 2048


type Application = Callable[[Any, Any, Any], Awaitable[None]]
"""As ASGI has it."""


class _Protocol(HttpToolsProtocol):
    """HTTP/1.1 that lets the application have the connection, to break it."""

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: {"transport": self.transport}}


class _Spelling(_Protocol):
    """Keeps the headers as they are spelt, and tells connections apart, for recordings."""

    _numbers = count(1)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._number = next(self._numbers)
        self._spelt: list[tuple[bytes, bytes]] = []

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._spelt = []
        told = {"connection": self._number, "headers": self._spelt}
        self.scope["extensions"][TRANSPORT].update(told)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        super().on_header(name, value)
        self._spelt.append((name, value))


class Listener(uvicorn.Server):
    """A server that leaves signals to whoever started it, and tells when it listens."""

    def __init__(self, config: uvicorn.Config, bound: socket.socket) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()
        self._ended = asyncio.Event()
        self._address = bound.getsockname()[:2]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        self.listens.set()

    async def main_loop(self) -> None:
        """Serve until told to end, without looking at the clock ten times a second."""
        await self._ended.wait()

    def end(self) -> None:
        """Serve no longer."""
        self.should_exit = True
        self._ended.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    def refuse(self) -> None:
        """Close the port, and all connections."""
        for server in self.servers:
            server.close()
        self.servers.clear()
        self.abort()

    def abort(self) -> None:
        """Close all connections, whatever they are about."""
        for connection in tuple(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()

    def accept(self) -> None:
        """Open the port again: connections are taken at once, and served in a moment."""
        self._reopening = asyncio.ensure_future(self.startup([bound(*self._address)]))


def bound(host: str, port: int, option: str = "--listen") -> socket.socket:
    """Give a socket that listens; port 0 takes a free one.

    Raises EnvironmentFaultError, which says by which `option` another is chosen.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends at once (TCP_NODELAY) only on sockets that say they are TCP.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(_BACKLOG)
    except OSError as error:
        found.close()
        raise EnvironmentFaultError(
            f"cannot listen on {host}:{port}: {error.strerror}; choose another port with {option}"
        ) from error
    return found


@asynccontextmanager
async def listening(
    app: Application,
    at: socket.socket,
    *,
    tls: ssl.SSLContext | None = None,
    recorded: bool = False,
) -> AsyncIterator[Listener]:
    """Serve an application while the context lasts, by TLS if there is a context for that.

    If it is `recorded` it is told more about its requests.
    """
    config = uvicorn.Config(
        app,
        http=_Spelling if recorded else _Protocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2 * _LEAVING,
        timeout_keep_alive=_IDLE,
        ssl_context_factory=None if tls is None else lambda _config, _usual: tls,
    )
    listener = Listener(config, at)
    task = asyncio.create_task(listener.serve(sockets=[at]))
    try:
        await listener.listens.wait()
        yield listener
    finally:
        listener.end()
        impatient = asyncio.get_running_loop().call_later(_LEAVING, listener.abort)
        await task
        impatient.cancel()
