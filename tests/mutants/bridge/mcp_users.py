"""Users who call at the same time, and sessions that are lost."""

import asyncio
import string
from collections.abc import AsyncGenerator
from typing import Any

import httpx2

from bridge.errors import SessionOverError
from bridge.sessions import Session, Sessions
from bridge.upstream_mcp import GrantAuth, Messages, check
from bridge.upstream_streamable import Streamable
from mutants.mistake import mistake, replace

_A_MOMENT = 0.1
"""Seconds in which everybody who calls at once has called."""


@mistake(fails="users.tokens", also=("users.answers", "users.sessions", "hanging.others"))
def the_user_is_in_a_variable() -> None:
    """Whose token is to be sent stands in a variable, until it is sent."""
    flow = GrantAuth.async_auth_flow
    current: dict[str, str] = {}

    async def careless(
        self: GrantAuth, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        if b'"tools/call"' in request.content:
            current["grant"] = self._id
            await asyncio.sleep(_A_MOMENT)
            self = GrantAuth(self._grants, current["grant"])
        going = flow(self, request)
        response = None
        while True:
            try:
                asked = await (anext(going) if response is None else going.asend(response))
            except StopAsyncIteration:
                return
            response = yield asked

    replace(GrantAuth, "async_auth_flow", careless)


@mistake(fails="users.answers")
def answers_are_kept_by_id() -> None:
    """Answers wait under their ids until they are sent: those of two users may be the same."""
    call = Sessions.call
    kept: dict[Any, Any] = {}

    async def careless(self: Sessions, upstream: Any, message: Any) -> Messages:
        return mixed(await call(self, upstream, message), message)

    async def mixed(messages: Messages, message: Any) -> Messages:
        async for told in messages:
            if message["method"] == "tools/call" and "result" in told:
                kept[told["id"]] = told
                await asyncio.sleep(_A_MOMENT)
                yield kept[told["id"]]
            else:
                yield told

    replace(Sessions, "call", careless)


@mistake(fails="users.sessions", also=("users.answers", "users.tokens", "hanging.others"))
def the_session_is_in_a_variable() -> None:
    """Which session with the service a call is for stands in a variable, until it is sent."""
    call = Streamable.call
    current: dict[str, dict[str, str]] = {}

    async def careless(self: Streamable, message: Any) -> Messages:
        if message["method"] != "tools/call":
            return await call(self, message)
        current["session"] = own = self._session
        await asyncio.sleep(_A_MOMENT)
        self._session = current["session"]
        try:
            return await call(self, message)
        finally:
            self._session = own

    replace(Streamable, "call", careless)


@mistake(fails="session.lost-upstream")
def a_lost_session_is_any_error() -> None:
    """A session that the service forgot is called an error of the service, over and over."""
    replace(Streamable, "_check", lambda _, response: check(response))


@mistake(fails="session.restart")
def sessions_before_a_restart_are_a_failure() -> None:
    """A session from before a restart is looked up in what the restart has emptied."""
    find, end = Sessions.find, Sessions.end
    ended: set[str] = set()

    def careless(self: Sessions, session_id: str, grant_id: str) -> Session:
        ours = bool({*session_id} - {*string.hexdigits})
        try:
            return find(self, session_id, grant_id)
        except SessionOverError:
            if ours and session_id not in {*ended, *self._kept}:
                raise KeyError(session_id) from None
            raise

    def ending(self: Sessions, session: Session) -> None:
        ended.add(session.id)
        end(self, session)

    replace(Sessions, "find", careless)
    replace(Sessions, "end", ending)


@mistake(fails="session.ended-upstream")
def sessions_upstream_are_left_behind() -> None:
    """A session with the service is forgotten, and not ended."""

    async def careless(_: Streamable) -> None:
        return

    replace(Streamable, "close", careless)
