"""Users of the same bridge."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

from bridge.sessions import Sessions
from bridge.upstream_mcp import GrantAuth
from mutants.mistake import mistake, replace

_MEANWHILE = 0.02
"""Seconds between what is noted of a request and its being sent."""


def _noted_for_all(note: Callable[[GrantAuth, Any], str], use: Callable[[str, Any], None]) -> None:
    """Note something of a request in one place for all, and use it when the request is sent."""
    flow = GrantAuth.async_auth_flow
    noted: list[str] = [""]

    async def careless(self: GrantAuth, request: Any) -> AsyncGenerator[Any, Any]:
        noted[0] = note(self, request) or noted[0]
        await asyncio.sleep(_MEANWHILE)
        asking = flow(self, request)
        try:
            sent = await anext(asking)
            while True:
                use(noted[0], sent)
                sent = await asking.asend((yield sent))
        except StopAsyncIteration:
            return

    replace(GrantAuth, "async_auth_flow", careless)


@mistake(fails="users.tokens", also=("users.answers",))
def users_at_once_have_one_token() -> None:
    """Whose token is sent is kept in a variable that all share."""

    def use(token: str, request: Any) -> None:
        if "mcp-session-id" in request.headers:
            request.headers["authorization"] = token

    def note(auth: GrantAuth, _: Any) -> str:
        return f"Bearer {auth._grants.find(auth._id).access}"

    _noted_for_all(note, use)


@mistake(fails="users.sessions", also=("users.answers",))
def users_at_once_have_one_session() -> None:
    """Which session it is with the service is kept in a variable that all share."""

    def use(session: str, request: Any) -> None:
        if "mcp-session-id" in request.headers:
            request.headers["mcp-session-id"] = session

    _noted_for_all(lambda _, request: str(request.headers.get("mcp-session-id", "")), use)


@mistake(fails="users.answers")
def an_answer_is_that_of_the_call_before() -> None:
    """What a tool says went wrong may come to another user, who calls next."""
    last: dict[str, Any] = {}
    call = Sessions.call

    async def careless(self: Sessions, upstream: Any, message: Any) -> Any:
        messages = await call(self, upstream, message)

        async def altered() -> AsyncIterator[Any]:
            async with aclosing(messages):
                async for told in messages:
                    if told.get("result", {}).get("isError"):
                        before = last.get("result", told["result"])
                        last["result"] = told["result"]
                        yield told | {"result": before}
                    else:
                        yield told

        return altered()

    replace(Sessions, "call", careless)
