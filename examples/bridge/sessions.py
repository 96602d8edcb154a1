"""Sessions: each is one client's, and one session with the service behind."""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager

import httpx2

from bridge.errors import SessionOverError, UpstreamError
from bridge.grants import Grants
from bridge.settings import Settings
from bridge.upstream_mcp import GrantAuth, Message, Messages, NotOfferedError, Upstream
from bridge.upstream_sse import LegacySse
from bridge.upstream_streamable import Streamable

_IDLE = 3600
"""After how many seconds a session ends that nobody uses."""


class Session:
    """A session that a client has begun."""

    def __init__(self, grant_id: str, upstream: Upstream, version: str) -> None:
        self.id = secrets.token_urlsafe(24)
        self.grant_id = grant_id
        self.upstream = upstream
        self.version = version
        self.listened = False
        self.used = time.monotonic()
        self.over = asyncio.Event()


class Sessions:
    """All sessions. They are kept in memory: after a restart, clients begin anew."""

    def __init__(self, settings: Settings, grants: Grants, http: httpx2.AsyncClient) -> None:
        self._settings = settings
        self._grants = grants
        self._http = http
        self._kept: dict[str, Session] = {}
        self._transport: Callable[[httpx2.AsyncClient, str, GrantAuth], Upstream] = Streamable
        self._closing: set[asyncio.Task[None]] = set()
        grants.ended = self._end_all_of

    async def begin(self, grant_id: str, message: Message) -> tuple[Message, Session | None]:
        """Begin a session upstream; gives the answer, and the session if that is no error.

        A service that has no streamable HTTP is spoken to by HTTP+SSE, from then on at once.
        """
        for idle in [s for s in self._kept.values() if time.monotonic() - s.used > _IDLE]:
            self.end(idle)
        try:
            upstream, answer = await self._opened(grant_id, message)
        except NotOfferedError:
            self._transport = LegacySse
            try:
                upstream, answer = await self._opened(grant_id, message)
            except UpstreamError:
                self._transport = Streamable
                raise
        match answer:
            case {"result": {"protocolVersion": str(version)}}:
                session = Session(grant_id, upstream, version)
            case _:
                self._close(upstream)
                return answer, None
        self._kept[session.id] = session
        return answer, session

    def find(self, session_id: str, grant_id: str) -> Session:
        """Find a session of this grant: one of another's is none. Raises SessionOverError."""
        session = self._kept.get(session_id)
        if session is None or session.grant_id != grant_id:
            raise SessionOverError
        session.used = time.monotonic()
        return session

    def end(self, session: Session) -> None:
        """End a session, here at once and upstream soon."""
        if self._kept.pop(session.id, None) is not None:
            session.over.set()
            self._close(session.upstream)

    async def close(self) -> None:
        """End all sessions."""
        for session in tuple(self._kept.values()):
            self.end(session)
        await asyncio.gather(*self._closing)

    async def call(self, upstream: Upstream, message: Message) -> Messages:
        """Send a request; gives what comes for it. Raises UpstreamError if nothing does in time."""
        with self._soon():
            async with asyncio.timeout(self._settings.timeout):
                messages = await upstream.call(message)
        return self._in_time(messages)

    async def _in_time(self, messages: Messages) -> Messages:
        async with aclosing(messages):
            while True:
                with self._soon():
                    try:
                        async with asyncio.timeout(self._settings.timeout):
                            message = await anext(messages)
                    except StopAsyncIteration:
                        return
                yield message

    @contextmanager
    def _soon(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            waited = f"{self._settings.timeout:g} s"
            raise UpstreamError(f"the upstream did not answer in {waited}", 504) from error

    async def _opened(self, grant_id: str, message: Message) -> tuple[Upstream, Message]:
        auth = GrantAuth(self._grants, grant_id)
        upstream = self._transport(self._http, self._settings.upstream, auth)
        try:
            async with aclosing(await self.call(upstream, message)) as answers:
                *_, answer = [each async for each in answers]
        except BaseException:
            self._close(upstream)
            raise
        return upstream, answer

    def _end_all_of(self, grant_id: str) -> None:
        for session in [s for s in self._kept.values() if s.grant_id == grant_id]:
            self.end(session)

    def _close(self, upstream: Upstream) -> None:
        task = asyncio.create_task(upstream.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
