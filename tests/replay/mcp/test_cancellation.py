"""A call that the client cancels in time is answered no more (MCP, utilities/cancellation)."""

import asyncio
import json
from pathlib import Path
from typing import Any

from play import Play, call, note, result
from players import Streamable
from remembering import Client, played, remembering
from replayed import Caller, shipped
from speaking import Listening, SseSpeaker, listening, message, play

CANCELLED = "notifications/cancelled"


async def over_sse() -> SseSpeaker:
    client = SseSpeaker(Caller(shipped("oauth-sse")))
    await client.open()
    return client


def test_over_http_and_sse() -> None:
    async def part() -> None:
        client = await over_sse()
        for number in (1, 2, "2"):
            line = json.dumps({"jsonrpc": "2.0", "id": number, "result": {}}).encode()
            client.session.say(line, late=10, about=number)
        client.say(CANCELLED, requestId=2)
        waits = asyncio.ensure_future(client.stream.message())
        await asyncio.sleep(0)
        client.caller.clock.advance(10)
        assert (await waits)["id"] == 1
        assert (await client.stream.message())["id"] == "2"

    play(part)


def test_what_names_no_call_cancels_none() -> None:
    async def part() -> None:
        client = await over_sse()
        client.session.say(b'{"about":"none"}', late=10)
        for params in ({}, {"requestId": None}, {"requestId": {"no": "id"}}, {"requestId": True}):
            client.say(CANCELLED, **params)
        client.post(message(CANCELLED) | {"params": [2]})
        waits = asyncio.ensure_future(client.stream.message())
        await asyncio.sleep(0)
        client.caller.clock.advance(10)
        assert await waits == {"about": "none"}

    play(part)


def test_an_id_that_is_used_again_is_answered() -> None:
    async def part() -> None:
        client = await over_sse()
        client.say(CANCELLED, requestId=2)
        client.say("ping", 2)
        assert (await client.stream.message())["id"] == 2

    play(part)


def asking(folder: Path) -> Client:
    """Give a client of a service whose tool asks before it answers, and takes a while."""
    script = Play()
    peer = Streamable(script, "s1")
    post = peer.post(call(4, "tools/call", name="delete", arguments={}))
    script.stream(post)
    script.event(post, call(0, "elicitation/create", message="Sure?"))
    peer.say(result(0, action="accept"))
    script.event(post, note("notifications/message", data="now"))
    script.later(5)
    script.event(post, result(4, text="deleted"))
    script.end(post)
    played(script, folder)
    return Client(remembering(folder / "play.jsonl", pace=1))


def begun(client: Client, number: int) -> Listening:
    return listening(client.post(number, "tools/call", name="delete", arguments={}))


def say(client: Client, said: Any) -> None:
    url = client.caller.profile.endpoints.mcp or ""
    assert client.caller.post_json(url, said, client.headers).status == 202


async def heard(client: Client, stream: Listening) -> Any:
    waits = asyncio.ensure_future(stream.message())
    await asyncio.sleep(0)
    client.caller.clock.advance(10)
    return await waits


def test_over_streamable_http_while_the_client_is_asked(tmp_path: Path) -> None:
    async def part() -> None:
        client = asking(tmp_path)
        streams = {number: begun(client, number) for number in (7, 8)}
        asked = {number: await heard(client, stream) for number, stream in streams.items()}
        say(client, message(CANCELLED, requestId=7))
        for question in asked.values():
            say(client, result(question["id"], action="accept"))
        assert await streams[7].rest() == []
        assert (await heard(client, streams[8]))["method"] == "notifications/message"
        assert await heard(client, streams[8]) == result(8, text="deleted")
        assert await streams[8].rest() == []

    play(part)


def test_over_streamable_http_while_the_answer_is_on_its_way(tmp_path: Path) -> None:
    async def part() -> None:
        client = asking(tmp_path)
        stream = begun(client, 7)
        question = await heard(client, stream)
        say(client, result(question["id"], action="accept"))
        assert (await heard(client, stream))["method"] == "notifications/message"
        again = begun(client, 8)
        question = await heard(client, again)
        say(client, result(question["id"], action="accept"))
        say(client, message(CANCELLED, requestId=8))
        client.caller.clock.advance(60)
        assert await again.rest() == []
        assert await stream.message() == result(7, text="deleted")

    play(part)
