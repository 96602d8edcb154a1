"""The edge: HTTP as ASGI servers carry it, in front of a service."""

import asyncio
import socket
import struct
from dataclasses import replace
from typing import cast

from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from wiretape.replay.edge.fetching import fetched
from wiretape.replay.http.messages import Ask, Loss, LostError, Reply
from wiretape.replay.service import Service

TRANSPORT = "wiretape.transport"
"""The ASGI extension by which a server lets the application have the connection.

It has the `transport`, the `connection`'s number and, if they are to be recorded, the `headers` as
they are spelt. Whoever breaks the connection says how in `lost`.
"""

_MOST = 4 * 1024 * 1024
"""Bytes that a request's body may have."""


class App:
    """One service, at one of its origins; `hosts` are the names it may be called by.

    Whoever asks by another name was led here by DNS: a page in a browser must not reach what
    listens on loopback for other programs.
    """

    def __init__(self, service: Service, site: str, hosts: frozenset[str]) -> None:
        self._service = service
        self._site = site
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = _headers(scope)
        if headers.get("host", "").lower() not in self._hosts:
            await _refused(421, "Unknown Host", send)
            return
        try:
            body = await _body(receive)
        except ClientDisconnect:
            return
        if body is None:
            await _refused(413, "Content Too Large", send)
            return
        query = scope["query_string"].decode("latin-1")
        ask = Ask(self._site, scope["method"], scope["path"], query, headers, body)
        document = self._service.needs(ask)
        if document is not None:
            ask = replace(ask, document=await fetched(document))
        reply = self._service.answer(ask)
        if reply.delay and not await self._awaited(reply.delay, receive):
            return
        try:
            await _carried(reply, scope, receive, send)
        except LostError as lost:
            await _broken(scope, receive, lost.how)

    async def _awaited(self, seconds: float, receive: Receive) -> bool:
        """Wait until an answer is due; False if the client has left before."""
        clock = self._service.world.clock
        due = asyncio.ensure_future(clock.until(clock.now() + seconds))
        left = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({due, left}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            due.cancel()
            left.cancel()
        return not left.done()


def _headers(scope: Scope) -> dict[str, str]:
    """Read the headers; of equal names the first counts."""
    return {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in reversed(scope["headers"])
    }


async def _body(receive: Receive) -> bytes | None:
    """Read the body; None if it is too long. Raises ClientDisconnect if the client leaves."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += cast("bytes", message.get("body", b""))
        if len(body) > _MOST:
            return None
        if not message.get("more_body", False):
            return body


async def _refused(status: int, why: str, send: Send) -> None:
    """Refuse what is not for the service."""
    await _sent(Reply(status, (("content-type", "text/plain"),), f"{why}\n".encode()), send)


async def _carried(reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
    """Send a reply. Raises LostError if it is to be lost on the way."""
    if reply.lost is not None:
        raise LostError(reply.lost)
    if reply.stream is None:
        await _sent(reply, send)
        return
    response = StreamingResponse(reply.stream(), reply.status)
    response.raw_headers = _told(reply)
    await response(scope, receive, send)


async def _sent(reply: Reply, send: Send) -> None:
    """Send a reply that is whole."""
    headers = _told(reply)
    if reply.status not in {204, 304}:
        headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


async def _broken(scope: Scope, receive: Receive, how: Loss) -> None:
    """Break the connection: a reset at once, or an end after what was sent so far."""
    passing = scope["extensions"][TRANSPORT]
    transport = passing["transport"]
    passing["lost"] = how
    if how == "reset":
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
    await _left(receive)


async def _left(receive: Receive) -> None:
    """Wait until the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _told(reply: Reply) -> list[tuple[bytes, bytes]]:
    return [
        (spelt(name.encode("latin-1")), value.encode("latin-1")) for name, value in reply.headers
    ]


class _Spelt(bytes):
    """A header's name that goes out as it is: uvicorn writes names in lower case."""

    def lower(self) -> bytes:
        """Stay as it is."""
        return self


def spelt(name: bytes) -> bytes:
    """Give a header's name that goes out as it is spelt."""
    return name if name.islower() else _Spelt(name)
