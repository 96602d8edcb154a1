"""The control API on a port of loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

from wiretape.replay.control.access import Access
from wiretape.replay.control.app import app
from wiretape.replay.control.hosting import Hosting
from wiretape.replay.edge.listening import bound, listening

_HOST = "127.0.0.1"


@asynccontextmanager
async def controlled(services: Hosting, secret: str, port: int = 0) -> AsyncIterator[Access]:
    """Let services be controlled while the context lasts; port 0 takes a free one.

    Raises EnvironmentFaultError if it cannot be listened there.
    """
    with closing(bound(_HOST, port, "--control-port")) as at:
        here = at.getsockname()[1]
        url = f"http://{_HOST}:{here}"
        hosts = frozenset({f"{_HOST}:{here}", f"localhost:{here}"})
        async with listening(app(services, url, secret, hosts), at):
            yield Access(url, secret)
