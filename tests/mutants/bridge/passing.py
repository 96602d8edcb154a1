"""What passes between client and service."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

from starlette.responses import Response

from bridge import endpoint, upstream_streamable
from bridge.endpoint import Endpoint
from bridge.errors import UpstreamError
from bridge.events import stream
from bridge.sessions import Sessions
from bridge.upstream_mcp import parsed
from mutants.mistake import mistake, replace


def _altering(alter: Callable[[str, Any], Any]) -> None:
    """Give something else for what comes for a request; `alter` has its method, and a message."""
    call = Sessions.call

    async def careless(self: Sessions, upstream: Any, message: Any) -> Any:
        messages = await call(self, upstream, message)

        async def altered() -> AsyncIterator[Any]:
            async with aclosing(messages):
                async for told in messages:
                    yield alter(message["method"], told)

        return altered()

    replace(Sessions, "call", careless)


@mistake(fails="passing.tools")
def one_page_of_tools_is_listed() -> None:
    """That there are more pages is not passed on."""

    def alter(_: str, told: Any) -> Any:
        told.get("result", {}).pop("nextCursor", None)
        return told

    _altering(alter)


@mistake(fails="passing.definitions")
def descriptions_are_cut() -> None:
    """Of a tool's description only the beginning is passed on."""

    def alter(_: str, told: Any) -> Any:
        for tool in told.get("result", {}).get("tools", ()):
            tool["description"] = tool.get("description", "")[:10]
        return told

    _altering(alter)


@mistake(fails="passing.arguments")
def arguments_lose_letters() -> None:
    """Of arguments only what is ASCII comes through."""
    call = Sessions.call

    async def careless(self: Sessions, upstream: Any, message: Any) -> Any:
        if message["method"] == "tools/call":
            text = json.dumps(message, ensure_ascii=False)
            message = json.loads(text.encode("ascii", "ignore"))
        return await call(self, upstream, message)

    replace(Sessions, "call", careless)


@mistake(fails="passing.result", also=("passing.long", "passing.odd-stream"))
def results_are_added_to() -> None:
    """The bridge says in results that it was there."""

    def alter(method: str, told: Any) -> Any:
        result = told.get("result", {})
        if method == "tools/call" and not result.get("isError"):
            result["content"] = [*result.get("content", ()), {"type": "text", "text": "passed on"}]
        return told

    _altering(alter)


@mistake(fails="passing.long")
def results_have_a_limit() -> None:
    """What is longer than is usual does not come through."""

    def limited(text: Any) -> Any:
        if len(text) > 100_000:
            raise UpstreamError("the upstream sent too much")
        return parsed(text)

    replace(upstream_streamable, "parsed", limited)


@mistake(fails="passing.tool-error")
def errors_of_tools_are_errors_of_the_protocol() -> None:
    """What a tool says went wrong becomes an error of JSON-RPC, which no model sees."""

    def alter(_: str, told: Any) -> Any:
        result = told.get("result", {})
        if not result.get("isError"):
            return told
        return endpoint._error(told["id"], -32000, json.dumps(result["content"]))

    _altering(alter)


@mistake(fails="passing.error")
def errors_lose_their_code() -> None:
    """Each error of the service is an internal error."""

    def alter(_: str, told: Any) -> Any:
        if "error" in told:
            told["error"]["code"] = -32603
        return told

    _altering(alter)


@mistake(fails="passing.odd-stream")
def lines_end_in_lf_only() -> None:
    """Event streams are parsed by hand."""

    class Naive:
        def __init__(self, response: Any, _: int) -> None:
            self._response = response
            self.event = "message"
            self.data = ""

        async def __aiter__(self) -> AsyncIterator[Any]:
            text = ""
            async for part in self._response.aiter_text():
                text += part
                *events, text = text.split("\n\n")
                for event in events:
                    lines = event.split("\n")
                    said = [each.removeprefix("data: ") for each in lines if "data: " in each]
                    self.data = "\n".join(said)
                    yield self

    replace(upstream_streamable, "EventSource", Naive)


@mistake(fails="progress.passed")
def progress_is_not_passed_on() -> None:
    """Of what comes for a call only its answer is passed on."""
    named = endpoint._named

    async def careless(messages: Any, call: Any) -> AsyncIterator[Any]:
        async with aclosing(named(messages, call)) as told:
            async for each in told:
                if "method" not in each:
                    yield each

    replace(endpoint, "_named", careless)


@mistake(fails="progress.token", also=("progress.passed",))
def progress_has_a_token_of_the_bridge() -> None:
    """Calls are given tokens of the bridge's own, and clients are told under these."""
    call = Sessions.call

    async def careless(self: Sessions, upstream: Any, message: Any) -> Any:
        given = message.get("params", {})
        own = {"_meta": {"progressToken": f"bridge-{message['id']}"}}
        return await call(self, upstream, message | {"params": given | own})

    replace(Sessions, "call", careless)


@mistake(fails="cancel.passed")
def calls_cannot_be_cancelled() -> None:
    """What a client tells is passed on only if it is an answer, or begins the session."""
    told = Endpoint._told

    async def careless(self: Endpoint, session: Any, message: Any) -> None:
        if message.get("method") != "notifications/cancelled":
            await told(self, session, message)

    replace(Endpoint, "_told", careless)


@mistake(fails="cancel.known", also=("cancel.passed",))
def what_is_cancelled_has_another_id() -> None:
    """Calls have other ids upstream, and the cancellation has the client's."""
    call = Sessions.call

    async def careless(self: Sessions, upstream: Any, message: Any) -> Any:
        number = message["id"]
        messages = await call(self, upstream, message | {"id": f"bridge-{number}"})

        async def renamed() -> AsyncIterator[Any]:
            async with aclosing(messages):
                async for told in messages:
                    yield told if "method" in told else told | {"id": number}

        return renamed()

    replace(Sessions, "call", careless)


@mistake(fails="aside.head")
def an_answer_begins_when_it_is_whole() -> None:
    """All that comes for a call is collected first."""

    async def careless(self: Endpoint, session: Any, message: Any) -> Response:
        messages = await self._sessions.call(session.upstream, message)
        collected = [each async for each in endpoint._named(messages, message["id"])]

        async def again() -> AsyncGenerator[Any]:
            for each in collected:
                yield each

        return stream(again(), session)

    replace(Endpoint, "_called", careless)


@mistake(fails="aside.notifications")
def notifications_are_not_passed_on() -> None:
    """What the service says by itself is passed on only if it is a question."""
    listened = endpoint._listened

    async def careless(session: Any, messages: Any) -> AsyncIterator[Any]:
        async with aclosing(listened(session, messages)) as told:
            async for each in told:
                if "id" in each:
                    yield each

    replace(endpoint, "_listened", careless)


@mistake(fails="aside.questions")
def answers_of_clients_are_not_passed_on() -> None:
    """What a client answers the service is taken, and forgotten."""
    told = Endpoint._told

    async def careless(self: Endpoint, session: Any, message: Any) -> None:
        if "method" in message:
            await told(self, session, message)

    replace(Endpoint, "_told", careless)
