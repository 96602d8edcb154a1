"""MCP spoken by hand to a service in this process, whatever its profile."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from replayed import Caller, Json, header, shipped
from wiretape.analysis.profile.model import Profile
from wiretape.recorder.log.urls import join
from wiretape.recorder.wire.sse import EventStream, ServerSentEvent
from wiretape.replay.http.messages import Reply
from wiretape.replay.mcp.sessions import Session

SESSION = "mcp-session-id"
VERSION = "mcp-protocol-version"


def altered(profile: Profile | str, **values: Any) -> Profile:
    """Give a profile with other values; `transport__get` is that of `transport.get`."""
    found: Any = shipped(profile) if isinstance(profile, str) else profile
    for path, value in values.items():
        found = _altered(found, path.split("__"), value)
    return Profile.model_validate(found)


def _altered(there: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    first, *rest = path
    if isinstance(there, dict):
        return there | {first: _altered(there.get(first, {}), rest, value)}
    changed = _altered(getattr(there, first), rest, value)
    return there.model_copy(update={first: changed})


def message(method: str, number: Any = None, **params: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
    return said if number is None else said | {"id": number}


def play[Result](part: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    return asyncio.run(asyncio.wait_for(part(), 10))


def told(reply: Reply) -> Json:
    """Give the message that a reply is, in its body or as an event."""
    return json.loads(reply.body.partition(b"data: ")[2] or reply.body)


class Listening:
    """A stream that is listened on."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self.chunks = chunks
        self._parser = EventStream(1_000_000)
        self._found: list[ServerSentEvent] = []

    async def event(self) -> ServerSentEvent:
        while not self._found:
            self._found += self._parser.feed(await asyncio.wait_for(anext(self.chunks), 5))
        return self._found.pop(0)

    async def message(self) -> Json:
        return json.loads((await self.event()).data or b"")

    async def rest(self) -> list[ServerSentEvent]:
        """Hear it to its end."""
        async for chunk in self.chunks:
            self._found += self._parser.feed(chunk)
        return self._found


class Speaker:
    """A client of streamable HTTP; two of one caller are two clients of one service."""

    def __init__(self, of: Caller | Profile | str) -> None:
        known = shipped(of) if isinstance(of, str) else of
        self.caller = known if isinstance(known, Caller) else Caller(known)
        self.url = self.caller.profile.endpoints.mcp or ""
        self.headers: dict[str, str] = {}
        if self.caller.profile.endpoints.token is not None:
            _, tokens = self.caller.granted()
            self.headers["authorization"] = f"Bearer {tokens['access_token']}"

    @property
    def session(self) -> Session:
        return self.caller.service.world.sessions.open[self.headers[SESSION]]

    def post(self, said: Json, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.caller.post_json(self.url, said, self.headers | named)

    def say(self, method: str, number: Any = None, **params: Any) -> Reply:
        return self.post(message(method, number, **params))

    def begin(self, version: str = "2025-11-25") -> Reply:
        reply = self.say("initialize", 1, protocolVersion=version)
        assert reply.status == 200, reply.body
        if (session := header(reply, SESSION)) is not None:
            self.headers[SESSION] = session
        return reply

    def get(self, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.caller.ask("GET", self.url, b"", self.headers | named)

    def listen(self, **headers: str) -> Listening:
        return listening(self.get(**headers))


class SseSpeaker:
    """A client of HTTP+SSE, with its stream open."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.headers: dict[str, str] = {}
        if caller.profile.endpoints.token is not None:
            _, tokens = caller.granted()
            self.headers["authorization"] = f"Bearer {tokens['access_token']}"
        self.url = caller.profile.endpoints.sse or ""
        self.stream = listening(caller.ask("GET", self.url, b"", self.headers))

    async def open(self) -> None:
        """Hear where to post."""
        there = (await self.stream.event()).data or b""
        self.url = join(self.url, there.decode())

    @property
    def session(self) -> Session:
        sessions = self.caller.service.world.sessions.open
        return next(each for id_, each in sessions.items() if id_ in self.url)

    def post(self, said: Json) -> Reply:
        return self.caller.post_json(self.url, said, self.headers)

    def say(self, method: str, number: Any = None, **params: Any) -> Reply:
        return self.post(message(method, number, **params))


def listening(reply: Reply) -> Listening:
    assert (reply.status, header(reply, "content-type")) == (200, "text/event-stream"), reply.body
    assert reply.stream is not None
    return Listening(reply.stream())
