"""A service on the ports of this machine: one for each of its origins, in one event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass

import uvicorn

from wiretape.analysis.profile.model import Profile
from wiretape.recorder.errors import EnvironmentFaultError
from wiretape.replay.asgi import App
from wiretape.replay.clock import Clock
from wiretape.replay.origins import Origins, home, origins_of
from wiretape.replay.service import Choices, Service

_LEAVING = 1
"""Seconds that open connections have to end by themselves."""


@dataclass(frozen=True)
class Running:
    """A service that listens. `urls` are its MCP endpoints, `origins` where it stands in."""

    service: Service
    urls: tuple[str, ...]
    origins: Origins


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever started it, and tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        self.listens.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@asynccontextmanager
async def running(
    profile: Profile,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    clock: Clock | None = None,
    choices: Choices | None = None,
) -> AsyncIterator[Running]:
    """Run a service while the context lasts; port 0 takes a free one.

    The MCP endpoint's origin gets the port, the others free ones. Raises EnvironmentFaultError if
    it cannot be listened there.
    """
    sites = origins_of(profile)
    async with AsyncExitStack() as stack:
        sockets = {
            site: stack.enter_context(closing(_bound(host, port if site == sites[0] else 0)))
            for site in sites
        }
        named = f"[{host}]" if ":" in host else host
        ports = {site: bound.getsockname()[1] for site, bound in sockets.items()}
        origins = Origins({site: f"http://{named}:{ports[site]}" for site in sites})
        service = Service(profile, origins, clock=clock, choices=choices)
        for site, bound in sockets.items():
            app = App(service, site, _hosts(named, ports[site]))
            await stack.enter_async_context(_served(app, bound))
        stack.callback(service.close)
        yield Running(service, _urls(profile, origins), origins)


@asynccontextmanager
async def _served(app: App, bound: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=_LEAVING,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        await server.listens.wait()
        yield
    finally:
        server.should_exit = True
        await task


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen()
    except OSError as error:
        found.close()
        raise EnvironmentFaultError(
            f"cannot listen on {host}:{port}: {error.strerror}; choose another port with --listen"
        ) from error
    return found


def _hosts(host: str, port: int) -> frozenset[str]:
    return frozenset({f"{host}:{port}".lower(), f"localhost:{port}", f"127.0.0.1:{port}"})


def _urls(profile: Profile, origins: Origins) -> tuple[str, ...]:
    """Give the MCP endpoints; a service that is not known to have one is at its root."""
    known = (profile.endpoints.mcp, profile.endpoints.sse)
    found = tuple(origins.rewritten(url) for url in known if url is not None)
    return found or (origins.local[home(profile)],)
