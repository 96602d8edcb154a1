"""The edge: HTTP as ASGI servers carry it, in front of a service."""

from collections.abc import AsyncIterator, Mapping

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from wiretape.replay.messages import Ask, Reply
from wiretape.replay.service import Service

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
        reply = self._service.answer(self._ask(request, body))
        await _response(reply)(scope, receive, send)

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


def _response(reply: Reply) -> Response:
    response = (
        Response(reply.body, reply.status)
        if reply.stream is None
        else StreamingResponse(_chunks(reply), reply.status)
    )
    told = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    bare = reply.stream is not None or reply.status in {204, 304}
    length = [] if bare else [(b"content-length", str(len(reply.body)).encode())]
    response.raw_headers = told + length
    return response


async def _chunks(reply: Reply) -> AsyncIterator[bytes]:
    if reply.stream is not None:
        async for chunk in reply.stream.chunks():
            yield chunk
