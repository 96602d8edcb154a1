"""HTTP+SSE to the service behind (MCP 2024-11-05)."""

import asyncio
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

import httpx2
from httpx2 import EventSource

from bridge.errors import GrantOverError, SessionOverError, UpstreamError
from bridge.upstream_mcp import (
    ENDLESS,
    LARGEST,
    STREAM,
    GrantAuth,
    Message,
    Messages,
    answers,
    asked,
    check,
    parsed,
)

type _Call = tuple[Message, asyncio.Queue[Message | None]]


class LegacySse:
    """HTTP+SSE (MCP 2024-11-05): a stream tells where to post, and has all answers."""

    def __init__(self, http: httpx2.AsyncClient, url: str, auth: GrantAuth) -> None:
        self._http = http
        self._url = url
        self._auth = auth
        self._endpoint: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._calls: list[_Call] = []
        self._heard: asyncio.Queue[Message | None] = asyncio.Queue(1_000)
        self._ended: Exception = UpstreamError("the upstream's event stream ended")
        self._reading = asyncio.create_task(self._read())

    async def call(self, message: Message) -> Messages:
        """Post a request; what comes for it is on the stream."""
        arrived: asyncio.Queue[Message | None] = asyncio.Queue()
        call = (message, arrived)
        self._calls.append(call)
        try:
            await self.tell(message)
        except BaseException:
            self._calls.remove(call)
            raise
        return self._arriving(call)

    async def _arriving(self, call: _Call) -> Messages:
        message, arrived = call
        try:
            while (told := await arrived.get()) is not None:
                yield told
                if answers(told, message):
                    return
        finally:
            self._calls.remove(call)
        raise self._ended

    async def tell(self, message: Message) -> None:
        """Post a message. Raises SessionOverError when the stream has ended."""
        endpoint = await asyncio.shield(self._endpoint)
        if self._reading.done():
            raise SessionOverError
        request = self._http.stream("POST", endpoint, json=message, auth=self._auth)
        async with asked(request) as response:
            if response.status_code == 404:
                raise SessionOverError
            check(response)

    async def listen(self) -> Messages:
        """Give what no call is waiting for."""
        if self._reading.done():
            raise SessionOverError
        return self._unasked()

    async def close(self) -> None:
        """Leave the stream: the session ends with it."""
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading
        if self._endpoint.done() and not self._endpoint.cancelled():
            self._endpoint.exception()  # nobody may have asked for it

    async def _unasked(self) -> Messages:
        while (told := await self._heard.get()) is not None:
            yield told

    async def _read(self) -> None:
        """Read the stream to its end, which ends all calls."""
        try:
            await self._events()
        except (UpstreamError, GrantOverError) as error:
            self._ended = error
        finally:
            for _, waiting in self._calls:
                waiting.put_nowait(None)
            with suppress(asyncio.QueueFull):
                self._heard.put_nowait(None)
        if not self._endpoint.done():
            self._endpoint.set_exception(self._ended)

    async def _events(self) -> None:
        request = self._http.stream(
            "GET", self._url, headers=STREAM, auth=self._auth, timeout=ENDLESS
        )
        async with asked(request) as response:
            check(response)
            async for event in EventSource(response, LARGEST):
                if event.event == "endpoint" and not self._endpoint.done():
                    self._endpoint.set_result(self._own(event.data))
                elif event.event == "message" and event.data:
                    self._hand_out(parsed(event.data))

    def _own(self, told: str) -> str:
        """Give where to post: never to another origin, as the token goes there."""
        url = urljoin(self._url, told)
        if urlsplit(url)[:2] != urlsplit(self._url)[:2]:
            raise UpstreamError("the upstream's endpoint is on another origin")
        return url

    def _hand_out(self, told: Message) -> None:
        """Give a message to the call that it is for; what is for none is heard by listeners."""
        for message, arrived in self._calls:
            if answers(told, message) or _is_progress(told, message):
                arrived.put_nowait(told)
                return
        if "method" in told:
            with suppress(asyncio.QueueFull):
                self._heard.put_nowait(told)


def _is_progress(told: Message, message: Message) -> bool:
    match message, told:
        case {"params": {"_meta": {"progressToken": own}}}, {"params": {"progressToken": token}}:
            return bool(own == token)
    return False
