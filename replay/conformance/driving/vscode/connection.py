"""One connection of VS Code with an MCP server, from the first message to the last."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import httpx

from wiretape.recorder.log.urls import join
from wiretape.recorder.wire.sse import EventStream, ServerSentEvent
from wiretape.replay.conformance.driving.vscode import rules
from wiretape.replay.conformance.driving.vscode.account import Account
from wiretape.replay.conformance.driving.vscode.discovery import Place, discovered
from wiretape.replay.conformance.driving.vscode.fetching import BlockedError, Fetch, followed, read
from wiretape.replay.conformance.driving.vscode.rules import Legacy, Mode, Next, Streamable, Unknown
from wiretape.replay.conformance.stage import StuckError

_JSON, _STREAM = "application/json", "text/event-stream"
_MOST = 1 << 20

type Message = dict[str, Any]


class LostError(StuckError):
    """The connection failed; with `again` VS Code makes another and asks once more."""

    def __init__(self, why: str, *, again: bool = False) -> None:
        super().__init__(why)
        self.again = again


class Connection:
    """Sends messages to the server at `url`; what it says is `heard`.

    The first message is posted. Its answer decides by what transport the others go. The `own`
    headers, which the user has configured, go with all of them.
    """

    def __init__(
        self,
        url: str,
        fetch: Fetch,
        account: Account,
        heard: Callable[[Message], None],
        own: Mapping[str, str],
    ) -> None:
        self.mode: Mode = Unknown()
        self.streams: list[asyncio.Task[None]] = []
        self._url = url
        self._fetch = fetch
        self._account = account
        self._heard = heard
        self._own = own
        self._place: Place | None = None

    async def send(self, message: Message) -> None:
        """Send a message and hear what comes as its answer. Raises LostError."""
        content = json.dumps(message).encode()
        try:
            if isinstance(self.mode, Legacy):
                await self._send_legacy(self.mode.endpoint, content)
            else:
                await self._send(content)
        except (BlockedError, httpx.HTTPError) as error:
            raise LostError(f"VS Code could not send: {error or type(error).__name__}") from error

    async def close(self) -> None:
        """End the session, if there is one and it needs no user to log in for that, and leave."""
        if isinstance(self.mode, Streamable) and self.mode.session:
            with suppress(BlockedError, httpx.HTTPError, StuckError):
                given = {"Mcp-Session-Id": self.mode.session}
                headers = await self._headers(given, quietly=True)
                if self._place is None or "Authorization" in headers:
                    async with read(followed(self._fetch, "DELETE", self._url, headers)):
                        pass
        await self.leave()

    async def leave(self) -> None:
        """Listen and send no more, without a word."""
        for stream in self.streams:
            stream.cancel()
        await asyncio.gather(*self.streams, return_exceptions=True)

    async def _send(self, content: bytes) -> None:
        headers = {"Content-Type": _JSON, "Accept": f"{_STREAM}, {_JSON}"}
        if isinstance(self.mode, Streamable) and self.mode.session:
            headers["Mcp-Session-Id"] = self.mode.session
        answer = await self._admitted("POST", await self._headers(headers), content)
        try:
            unknown = isinstance(self.mode, Unknown)
            self.mode = rules.locked(self.mode, answer.headers.get("mcp-session-id"))
            match rules.after_post(self.mode, answer.status_code):
                case Next.READ:
                    if isinstance(self.mode, Unknown):
                        self.mode = Streamable()
                    if unknown:
                        self.streams.append(asyncio.create_task(self._listen()))
                    await self._read(answer, content)
                case Next.FALL_BACK:
                    await self._fall_back(content)
                case Next.NEW_SESSION:
                    raise LostError(self._said(answer), again=True)
                case Next.FAIL:
                    raise LostError(self._said(answer))
        finally:
            await answer.aclose()

    async def _read(self, answer: httpx.Response, content: bytes) -> None:
        kind = answer.headers.get("content-type", "").lower()
        if answer.status_code == 202:
            return
        if kind.startswith(_STREAM):
            async for event in _events(answer):
                if event.event == b"endpoint":  # HTTP+SSE, but the post was not refused
                    await self._fall_back(content)
                    return
                self._hear(event)
            return
        await answer.aread()
        with suppress(ValueError):
            said = answer.json()
            for each in said if isinstance(said, list) else [said]:
                self._heard(each)

    async def _listen(self) -> None:
        """Listen to what the server says by itself; it may refuse, then nothing is lost."""
        last: bytes | None = None
        for attempt in range(1, 30):
            headers = {"Accept": _STREAM}
            if isinstance(self.mode, Streamable) and self.mode.session:
                headers["Mcp-Session-Id"] = self.mode.session
            if last is not None:
                headers["Last-Event-ID"] = last.decode("latin-1")
            pause: float = attempt
            with suppress(BlockedError, httpx.HTTPError):
                answer = await self._admitted("GET", await self._headers(headers))
                try:
                    if answer.status_code >= 400:
                        return
                    async for event in _events(answer):
                        last = event.id or last
                        if event.retry is not None and event.retry.isdigit():
                            pause = int(event.retry) / 1000
                        self._hear(event)
                finally:
                    await answer.aclose()
            await asyncio.sleep(pause)

    async def _fall_back(self, content: bytes) -> None:
        """Go on by HTTP+SSE: the stream's first event says where messages go."""
        answer = await self._admitted("GET", await self._headers({"Accept": _STREAM}))
        if answer.status_code >= 300:
            said = self._said(answer)
            await answer.aclose()
            raise LostError(f"after falling back to HTTP+SSE: {said}")
        endpoint: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.streams.append(asyncio.create_task(self._attend(answer, endpoint)))
        self.mode = Legacy(await endpoint)
        await self._send_legacy(self.mode.endpoint, content)

    async def _attend(self, answer: httpx.Response, endpoint: asyncio.Future[str]) -> None:
        try:
            async for event in _events(answer):
                if event.event == b"endpoint" and not endpoint.done():
                    endpoint.set_result(join(self._url, (event.data or b"").decode()))
                else:
                    self._hear(event)
        except httpx.HTTPError as error:
            if not endpoint.done():
                endpoint.set_exception(error)
        finally:
            await answer.aclose()
            if not endpoint.done():
                endpoint.set_exception(LostError("the stream ended before its endpoint event"))

    async def _send_legacy(self, endpoint: str, content: bytes) -> None:
        headers = await self._headers({"Content-Type": _JSON})
        async with read(followed(self._fetch, "POST", endpoint, headers, content)) as answer:
            if answer.status_code >= 300:
                raise LostError(f"{self._said(answer)}: VS Code waits for an answer forever")

    async def _headers(
        self, headers: dict[str, str], *, anew: bool = False, quietly: bool = False
    ) -> dict[str, str]:
        headers = {**self._own, **headers}
        if self._place is not None:
            token = await self._account.token(self._place, anew=anew, quietly=quietly)
            if token is not None:
                headers["Authorization"] = f"Bearer {token}"
        return headers

    async def _admitted(
        self, method: str, headers: dict[str, str], content: bytes | None = None
    ) -> httpx.Response:
        """Fetch; after a refusal find out who authorizes, and if need be register anew."""
        answer = await followed(self._fetch, method, self._url, headers, content)
        if rules.is_refusal(answer.status_code) and self._wants_more(answer):
            if self._place is None:
                self._place = await discovered(self._fetch, self._url, answer, self._own)
            headers = await self._headers(headers)
            if "Authorization" in headers:
                await answer.aclose()
                answer = await followed(self._fetch, method, self._url, headers, content)
        if rules.is_refusal(answer.status_code) and "Authorization" in headers:
            await answer.aclose()
            headers = await self._headers(headers, anew=True)
            answer = await followed(self._fetch, method, self._url, headers, content)
        return answer

    def _wants_more(self, answer: httpx.Response) -> bool:
        """Tell whether a refusal is the first, or wants other scopes; those are kept."""
        if self._place is None:
            return True
        scopes = rules.challenged(answer.headers.get_list("www-authenticate")).scopes
        if set(scopes or ()) == set(self._place.scopes or ()):
            return False
        place = self._place
        self._place = Place(place.url, place.server, place.resource, scopes)
        return True

    def _hear(self, event: ServerSentEvent) -> None:
        if event.event in {None, b"message"} and event.data:
            said = json.loads(event.data)
            for each in said if isinstance(said, list) else [said]:
                self._heard(each)

    def _said(self, answer: httpx.Response) -> str:
        asked = f"{answer.request.method} {answer.url.copy_with(query=None)}"
        trouble = f" ({self._account.trouble[-1]})" if self._account.trouble else ""
        return f"{asked} was answered {answer.status_code}{trouble}"


async def _events(answer: httpx.Response) -> Any:
    stream = EventStream(_MOST)
    async for chunk in answer.aiter_bytes():
        for event in stream.feed(chunk):
            yield event
