"""What becomes of calls when the service fails, or takes its time."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import httpx2

from bridge import endpoint, upstream_streamable
from bridge.endpoint import Endpoint
from bridge.errors import GrantOverError, UpstreamError
from bridge.sessions import Sessions
from bridge.upstream_mcp import ENDLESS, asked, check
from bridge.upstream_streamable import Streamable
from mutants.mistake import mistake, replace


def _not_foreseen(wrong: Callable[[Exception], bool]) -> None:
    """Let failures of the connection through, if this says so: nobody catches them."""

    @asynccontextmanager
    async def careless(request: Any) -> AsyncIterator[Any]:
        try:
            async with asked(request) as response:
                yield response
        except UpstreamError as error:
            if isinstance(error.__cause__, Exception) and wrong(error.__cause__):
                raise RuntimeError("not foreseen") from error
            raise

    replace(upstream_streamable, "asked", careless)


@mistake(fails="trouble.stream-broken")
def a_broken_stream_ends_without_an_answer() -> None:
    """If the service's stream breaks off, so does the client's."""
    named = endpoint._named

    async def careless(messages: Any, call: Any) -> AsyncIterator[Any]:
        async with aclosing(named(messages, call)) as told:
            async for each in told:
                if "connection" not in each.get("error", {}).get("message", ""):
                    yield each

    replace(endpoint, "_named", careless)


@mistake(fails="trouble.connection-lost", also=("trouble.reset", "trouble.stream-broken"))
def a_lost_connection_is_not_foreseen() -> None:
    """Only that a connection cannot be made is."""
    _not_foreseen(lambda error: isinstance(error, httpx2.RemoteProtocolError | httpx2.ReadError))


@mistake(fails="trouble.reset")
def a_reset_is_not_foreseen() -> None:
    """That the service resets a connection is an error that nobody catches."""
    _not_foreseen(lambda error: isinstance(error, httpx2.ReadError))


@mistake(fails="trouble.refused")
def that_nobody_is_there_is_not_foreseen() -> None:
    """That the service cannot be reached is an error that nobody catches."""
    _not_foreseen(lambda error: isinstance(error, httpx2.ConnectError))


def _checking(first: Callable[[httpx2.Response], None]) -> None:
    """Look at answers otherwise first."""

    def careless(response: httpx2.Response) -> None:
        first(response)
        check(response)

    replace(upstream_streamable, "check", careless)


@mistake(fails="trouble.unavailable")
def a_service_that_is_down_ends_the_grant() -> None:
    """At 503 the user is asked to authorize again."""

    def first(response: httpx2.Response) -> None:
        if response.status_code == 503:
            raise GrantOverError

    _checking(first)


@mistake(fails="trouble.rate-limited", also=("trouble.retry-after",))
def a_limit_is_not_foreseen() -> None:
    """429 is an error that nobody catches."""

    def first(response: httpx2.Response) -> None:
        if response.status_code == 429:
            raise RuntimeError("not foreseen")

    _checking(first)


@mistake(fails="trouble.retry-after")
def retry_after_is_not_passed_on() -> None:
    """A client is not told when to try again."""

    def first(response: httpx2.Response) -> None:
        if response.status_code == 429:
            raise UpstreamError("the upstream is asked too often", 429)

    _checking(first)


@mistake(fails="trouble.malformed")
def what_is_no_json_is_not_foreseen() -> None:
    """That the service sends what is no JSON is an error that nobody catches."""
    replace(upstream_streamable, "parsed", json.loads)


@mistake(fails="trouble.repeats")
def calls_are_repeated() -> None:
    """A call that fails is made five times."""
    call = Streamable.call

    async def careless(self: Streamable, message: Any) -> Any:
        for _ in range(4):
            try:
                return await call(self, message)
            except UpstreamError:
                continue
        return await call(self, message)

    replace(Streamable, "call", careless)


@mistake(fails="trouble.recovers")
def a_failure_stays() -> None:
    """After a failure a session is of no use any more, but still there."""
    called = Endpoint._called
    broken: set[str] = set()

    async def careless(self: Endpoint, session: Any, message: Any) -> Any:
        if session.id in broken:
            raise UpstreamError("the session is broken")
        answer = await called(self, session, message)
        if answer.status_code >= 500:
            broken.add(session.id)
        return answer

    replace(Endpoint, "_called", careless)


@mistake(fails="hanging.slow", also=("hanging.silent",))
def calls_may_take_for_ever() -> None:
    """There is no limit to the time that a call takes."""
    sys.argv.extend(["--timeout", "600"])


@mistake(fails="hanging.silent")
def streams_may_fall_silent() -> None:
    """Once an answer has begun, there is no limit to the time that it takes."""

    def post(self: Streamable, message: Any) -> Any:
        headers = upstream_streamable._BOTH | self._session
        return self._http.stream(
            "POST", self._url, json=message, headers=headers, auth=self._auth, timeout=ENDLESS
        )

    async def unlimited(_: Sessions, messages: Any) -> AsyncIterator[Any]:
        async with aclosing(messages):
            async for each in messages:
                yield each

    replace(Streamable, "_post", post)
    replace(Sessions, "_in_time", unlimited)


@mistake(fails="hanging.unanswered")
def accepted_is_taken_for_a_result() -> None:
    """A call that the service answers 202 is answered with nothing, as if that were its result."""
    messages = upstream_streamable._messages

    async def careless(response: httpx2.Response) -> AsyncIterator[Any]:
        if response.status_code == 202:
            asked = json.loads(response.request.content)
            yield {"jsonrpc": "2.0", "id": asked["id"], "result": {}}
        async for each in messages(response):
            yield each

    replace(upstream_streamable, "_messages", careless)


@mistake(fails="hanging.others", also=("hanging.slow", "hanging.silent", "hanging.unanswered"))
def calls_wait_for_each_other() -> None:
    """There is one call at a time, of all users."""
    call = Sessions.call
    free = asyncio.Lock()

    async def careless(self: Sessions, upstream: Any, message: Any) -> Any:
        await free.acquire()
        try:
            messages = await call(self, upstream, message)
        except BaseException:
            free.release()
            raise

        async def freeing() -> AsyncIterator[Any]:
            try:
                async with aclosing(messages):
                    async for each in messages:
                        yield each
            finally:
                free.release()

        return freeing()

    replace(Sessions, "call", careless)
