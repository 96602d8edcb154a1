"""The edge: HTTP as ASGI servers carry it, in front of a service."""

import socket
import struct
from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
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
        request = Request(scope, receive)
        if request.headers.get("host", "").lower() not in self._hosts:
            await Response("Unknown Host\n", 421)(scope, receive, send)
            return
        try:
            body = await _body(request)
        except ClientDisconnect:
            return
        if body is None:
            await Response("Content Too Large\n", 413)(scope, receive, send)
            return
        ask = self._ask(request, body)
        document = self._service.needs(ask)
        if document is not None:
            ask = replace(ask, document=await fetched(document))
        reply = self._service.answer(ask)
        if reply.delay:
            clock = self._service.world.clock
            await clock.until(clock.now() + reply.delay)
        try:
            await _response(reply)(scope, receive, send)
        except LostError as lost:
            await _broken(scope, receive, lost.how)

    def _ask(self, request: Request, body: bytes) -> Ask:
        headers: Mapping[str, str] = dict(request.headers)
        url = request.url
        return Ask(self._site, request.method, url.path, url.query, headers, body)


async def _body(request: Request) -> bytes | None:
    """Read the body; None if it is too long."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST:
            return None
    return bytes(body)


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
    while (await receive())["type"] != "http.disconnect":
        pass


def _response(reply: Reply) -> Response:
    if reply.lost is not None:
        raise LostError(reply.lost)
    response = (
        Response(reply.body, reply.status)
        if reply.stream is None
        else StreamingResponse(reply.stream(), reply.status)
    )
    told = [(_name(name), value.encode("latin-1")) for name, value in reply.headers]
    bare = reply.stream is not None or reply.status in {204, 304}
    length = [] if bare else [(b"content-length", str(len(reply.body)).encode())]
    response.raw_headers = told + length
    return response


class _Spelt(bytes):
    """A header's name that goes out as it is: uvicorn writes names in lower case."""

    def lower(self) -> bytes:
        """Stay as it is."""
        return self


def _name(name: str) -> bytes:
    written = name.encode("latin-1")
    return written if name.islower() else _Spelt(written)
