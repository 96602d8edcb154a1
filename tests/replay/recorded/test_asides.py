"""What a server said besides its answers, it says again in the same place."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from play import Json, Play, call, note, progress, result
from players import SSE, Sse, Streamable
from remembering import Client, played, remembering
from replayed import Caller
from wiretape.replay.http.messages import Reply


def run(part: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(part(), 5))


def tool(number: int, name: str, /, token: Json = None, **arguments: Json) -> Json:
    return call(number, "tools/call", progress=token, name=name, arguments=arguments)


async def heard(chunks: AsyncIterator[bytes]) -> Json:
    """Give the next message of a stream."""
    while True:
        chunk = await anext(chunks)
        if b"data: " in chunk:
            return json.loads(chunk.partition(b"data: ")[2].split(b"\n")[0])


async def silent(chunks: AsyncIterator[bytes]) -> "asyncio.Future[Json]":
    """Show that nothing comes yet; gives what waits for it."""
    waits = asyncio.ensure_future(heard(chunks))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not waits.done()
    return waits


class Peer:
    """A client with a stream of HTTP+SSE."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        reply = caller.ask("GET", SSE)
        assert reply.stream is not None
        self.chunks = reply.stream()

    async def open(self) -> None:
        chunk = await anext(self.chunks)
        self.url = f"https://mcp.example.com{chunk.partition(b'data: ')[2].split()[0].decode()}"

    def post(self, message: Json) -> Reply:
        return self.caller.post_json(self.url, message)

    async def say(self, message: Json) -> Json:
        self.post(message)
        return await heard(self.chunks)


class TestProgress:
    @pytest.fixture
    def caller(self, tmp_path: Path) -> Caller:
        play = Play()
        peer = Streamable(play, "s1")
        post = peer.post(tool(4, "work", "t4", title="milk"))
        play.stream(post)
        play.later(1)
        play.event(post, progress("t4", 1))
        play.later(1)
        play.event(post, note("notifications/message", level="info", data="with milk"))
        play.later(2)
        play.event(post, result(4, text="done"))
        play.end(post)
        return played(play, tmp_path, "method")

    def test_it_has_the_callers_token(self, caller: Caller) -> None:
        meta = {"progressToken": 99}
        arguments = {"title": "milk"}
        said = Client(caller).say(7, "tools/call", name="work", arguments=arguments, _meta=meta)
        assert said == [
            progress(99, 1),
            note("notifications/message", level="info", data="with milk"),
            result(7, text="done"),
        ]

    def test_who_gave_no_token_hears_of_none(self, caller: Caller) -> None:
        said = Client(caller).say(7, "tools/call", name="work", arguments={"title": "soy milk"})
        assert said == [
            note("notifications/message", level="info", data="with soy milk"),
            result(7, text="done"),
        ]

    def test_at_its_pace_it_comes_when_it_came(self, tmp_path: Path, caller: Caller) -> None:
        async def part() -> None:
            paced = remembering(tmp_path / "play.jsonl", pace=2)
            client = Client(paced)
            meta = {"progressToken": "x"}
            asked = {"name": "work", "arguments": {"title": "milk"}, "_meta": meta}
            reply = client.post(7, "tools/call", **asked)
            assert (reply.delay, reply.is_event_stream) == (0, True)
            assert reply.stream is not None
            chunks = reply.stream()
            for seconds, method in (
                (2.1, "notifications/progress"),
                (2.1, "notifications/message"),
            ):
                waits = await silent(chunks)
                paced.clock.advance(seconds)
                assert (await waits)["method"] == method
            waits = await silent(chunks)
            paced.clock.advance(4.1)
            assert await waits == result(7, text="done")
            with pytest.raises(StopAsyncIteration):
                await heard(chunks)

        run(part)


class TestCalls:
    """A call of the server, which the client answers before it is answered itself."""

    def test_the_answer_waits_for_the_clients(self, tmp_path: Path) -> None:
        play = Play()
        peer = Streamable(play, "s1")
        post = peer.post(tool(4, "delete", title="milk"))
        play.stream(post)
        play.event(post, call(0, "elicitation/create", message="Delete 'milk'?"))
        peer.say(result(0, action="accept"))
        play.event(post, note("notifications/message", data="now"))
        play.event(post, result(4, text="deleted"))
        play.end(post)

        async def part() -> None:
            client = Client(played(play, tmp_path))
            for number in (7, 8):
                asked = {"name": "delete", "arguments": {"title": "milk"}}
                reply = client.post(number, "tools/call", **asked)
                assert reply.stream is not None
                chunks = reply.stream()
                question = await heard(chunks)
                assert question["method"] == "elicitation/create"
                assert question["params"] == {"message": "Delete 'milk'?"}
                waits = await silent(chunks)
                replied = result(question["id"], action="accept")
                accepted = client.caller.post_json(
                    client.caller.profile.endpoints.mcp or "", replied, client.headers
                )
                assert accepted.status == 202
                assert (await waits)["params"] == {"data": "now"}
                assert await heard(chunks) == result(number, text="deleted")
                with pytest.raises(StopAsyncIteration):
                    await heard(chunks)

        run(part)

    def test_and_so_it_does_on_the_stream_of_a_session(self, tmp_path: Path) -> None:
        play = Play()
        peer = Sse(play, "a" * 40)
        peer.say(tool(4, "delete", title="milk"))
        peer.hear(call(0, "elicitation/create", message="Sure?"))
        peer.say(result(0, action="accept"))
        peer.hear(result(4, text="deleted"))
        peer.hear(note("notifications/resources/updated", uri="notes://all"))

        async def part() -> None:
            caller = played(play, tmp_path)
            clients = [Peer(caller), Peer(caller)]
            for client in clients:
                await client.open()
            asked = [await client.say(tool(4, "delete", title="milk")) for client in clients]
            assert {question["method"] for question in asked} == {"elicitation/create"}
            for client, question in zip(clients, asked, strict=True):
                waits = await silent(client.chunks)
                client.post(result(question["id"], action="decline"))
                assert await waits == result(4, text="deleted")
                assert (await heard(client.chunks))["method"] == "notifications/resources/updated"

        run(part)

    def test_nobody_is_called_who_could_not_answer(self, tmp_path: Path) -> None:
        play = Play()
        peer = Streamable(play, None)
        post = peer.post(tool(4, "delete"))
        play.stream(post)
        play.event(post, call(0, "ping"))
        peer.say(result(0))
        play.event(post, result(4, text="deleted"))
        play.end(post)
        client = Client(played(play, tmp_path))
        assert client.say(7, "tools/call", name="delete", arguments={}) == [
            result(7, text="deleted")
        ]


def test_what_came_on_the_sessions_stream_comes_there(tmp_path: Path) -> None:
    play = Play()
    peer = Streamable(play, "s1")
    peer.hear(note("notifications/first"))
    post = peer.post(tool(4, "add"))
    peer.hear(note("notifications/tools/list_changed"))
    play.answer(post, result(4, text="added"))
    peer.hear(note("notifications/last"))

    async def part() -> None:
        client = Client(played(play, tmp_path))
        url = client.caller.profile.endpoints.mcp or ""
        stream = client.caller.ask("GET", url, b"", client.headers).stream
        assert stream is not None
        chunks = stream()
        assert client.call("add") == {"text": "added"}
        methods = [(await heard(chunks))["method"] for _ in range(3)]
        names = ["first", "tools/list_changed", "last"]
        assert methods == [f"notifications/{name}" for name in names]

    run(part)
