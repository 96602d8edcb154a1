"""A POST without the slash is redirected to http, back to https, and arrives as a GET.

The server does not know of the front that ends TLS before it, so it names `http://`.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from failures.scene import ACCEPT, browser, initialize, notes, serving
from loopback import Recorder
from loopback.tls import server_side
from peers import tls_front
from peers.tls import make_authority
from wiretape.recorder.log.exchanges import Exchange

DIAGNOSIS = "trailing_slash"


def certificate() -> ssl.SSLContext:
    with TemporaryDirectory() as directory:
        return server_side(make_authority(Path(directory)))


@asynccontextmanager
async def fronted(origin: str) -> AsyncIterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0)
    port = urlsplit(origin).port or 0
    task = asyncio.create_task(tls_front.serve(listener, certificate(), port))
    yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    task.cancel()
    listener.close()


async def play(recorder: Recorder, *, mended: bool) -> None:
    app = notes().streamable_http_app(streamable_http_path="/mcp/")
    async with (
        serving(app) as inside,
        fronted(inside) as origin,
        browser(recorder, follow_redirects=True) as http,
    ):
        url = f"{origin}/mcp/" if mended else f"{origin}/mcp"
        await http.post(url, json=initialize(), headers={"accept": ACCEPT})


def seen(exchanges: list[Exchange]) -> bool:
    return [(each.request.method, each.status) for each in exchanges] == [
        ("POST", 307),
        ("POST", 301),
        ("GET", 400),
    ]
