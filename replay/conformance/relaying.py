"""A forward proxy for http on this machine, through which clients reach the target.

It changes nothing. What passes it is recorded like what passes at the service. One name leads to
this machine, as names do for a browser after DNS rebinding.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any
from urllib.parse import urlsplit

import httpx

from wiretape.recorder.log.urls import is_loopback
from wiretape.replay.edge.asgi import TRANSPORT, spelt
from wiretape.replay.edge.listening import bound, listening
from wiretape.replay.edge.recording import Taken
from wiretape.replay.edge.tapped import Tapped
from wiretape.replay.world import Gate

_HOP_BY_HOP = {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"te"}
_MOST = 16 * 2**20

REBOUND = "rebound.example"
"""A name that leads to this machine: what is asked by it names it as its host."""


class _Relay:
    def __init__(self, http: httpx.AsyncClient, own: str) -> None:
        self._http = http
        self._own = own

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass one request on, until it is answered or the client leaves."""
        if scope["type"] != "http":
            return
        body = await _body(receive)
        if body is None:
            return
        passing = asyncio.ensure_future(self._passed(scope, body, send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({passing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if passing.done():
                passing.result()
        finally:
            for task in (passing, leaving):
                task.cancel()
            await asyncio.gather(passing, leaving, return_exceptions=True)

    async def _passed(self, scope: Any, body: bytes, send: Any) -> None:
        headers = scope["extensions"][TRANSPORT]["headers"]
        host = next(
            (value.decode("latin-1") for name, value in headers if name.lower() == b"host"), ""
        )
        if host == self._own:
            await _said(send, 508, b"this is the relay itself: ask it as a proxy\n")
            return
        query = scope["query_string"].decode("latin-1")
        asked = f"{scope['raw_path'].decode('latin-1')}{'?' if query else ''}{query}"
        kept = [pair for pair in headers if pair[0].lower() not in _HOP_BY_HOP]
        try:
            there = _led(host)
            if there is None:
                await _said(send, 403, b"this relay reaches targets on loopback only\n")
                return
            url = f"http://{there}{asked}"
            request = httpx.Request(scope["method"], url, headers=kept, content=body or None)
            answer = await self._http.send(request, stream=True)
        except (httpx.TransportError, httpx.InvalidURL, ValueError) as error:
            await _said(send, 502, f"the target cannot be reached: {error}\n".encode())
            return
        try:
            told = [
                (spelt(name), value)
                for name, value in answer.headers.raw
                if name.lower() not in _HOP_BY_HOP
            ]
            start = {"type": "http.response.start", "status": answer.status_code, "headers": told}
            await send(start)
            async for part in answer.aiter_raw():
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except httpx.TransportError:
            passing = scope["extensions"][TRANSPORT]
            passing["lost"] = "end"
            passing["transport"].close()
        finally:
            await answer.aclose()


def _led(host: str) -> str | None:
    """Give the host and port on this machine that are asked; None if they are not on this machine.

    Raises ValueError for what is no host.
    """
    at = urlsplit(f"//{host}")
    port = at.port or 80
    if at.hostname == REBOUND:
        return f"127.0.0.1:{port}"
    return host if is_loopback(at.hostname or "") else None


async def _said(send: Any, status: int, text: bytes) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


async def _body(receive: Any) -> bytes | None:
    """Read the body; None if the client leaves, or never ends."""
    body = b""
    while len(body) <= _MOST:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part: bytes = message.get("body", b"")
        body += part
        if not message.get("more_body", False):
            return body
    return None


async def _left(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@asynccontextmanager
async def relaying(taken: Taken) -> AsyncIterator[str]:
    """Run a relay while the context lasts; gives its URL."""
    # A target may close a connection at any time: as it is used again, that would be an error.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(trust_env=False, timeout=None, limits=limits) as http:  # noqa: S113 - whoever asks has one
        with closing(bound("127.0.0.1", 0)) as at:
            own = f"127.0.0.1:{at.getsockname()[1]}"
            app = Tapped(_Relay(http, own), taken, Gate())
            async with listening(app, at, recorded=True):
                yield f"http://{own}"
