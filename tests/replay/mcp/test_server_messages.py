"""What the server says by itself, and what clients say to that."""

import asyncio
import json
from collections.abc import Callable

import pytest

from replayed import Caller, shipped
from speaking import Speaker, SseSpeaker, altered, listening, play
from wiretape.analysis.profile.mcp import Stream
from wiretape.analysis.profile.values import Measured
from wiretape.replay.http.streams import COMMENT
from wiretape.replay.mcp.sessions import Session

FORM = {"message": "Sure?", "requestedSchema": {"type": "object", "properties": {}}}


async def over_sse() -> SseSpeaker:
    client = SseSpeaker(Caller(shipped("oauth-sse")))
    await client.open()
    return client


def test_over_http_and_sse_it_calls_and_is_answered() -> None:
    async def part() -> None:
        client = await over_sse()
        first = client.session.ask("elicitation/create", FORM)
        second = client.session.ask("ping")
        client.session.tell("notifications/tools/list_changed")
        asked = [await client.stream.message() for _ in range(3)]
        assert asked[0] == {
            "jsonrpc": "2.0",
            "id": first,
            "method": "elicitation/create",
            "params": FORM,
        }
        assert [each.get("id") for each in asked] == [first, second, None]
        said = {"jsonrpc": "2.0", "id": first, "result": {"action": "accept", "content": {}}}
        assert client.post(said).status == 202
        assert client.session.answer(first) == said
        assert client.session.answer(second) is None
        entry = list(client.caller.service.world.journal)[-1]
        assert (entry.operation, entry.session) == ("answer to elicitation/create", 1)

    play(part)


def test_over_streamable_http_it_speaks_before_and_while_the_client_listens() -> None:
    async def part() -> None:
        client = Speaker("oauth-streamable")
        client.begin()
        client.session.tell("notifications/before")
        heard = client.listen()
        assert (await heard.message())["method"] == "notifications/before"
        number = client.session.ask("roots/list")
        assert (await heard.message())["id"] == number
        said = {"jsonrpc": "2.0", "id": number, "error": {"code": -32601, "message": "no"}}
        assert client.post(said).status == 202
        assert client.session.answer(number) == said

    play(part)


@pytest.mark.parametrize(
    "said",
    [
        {"jsonrpc": "2.0", "id": 77, "result": {}},
        {"jsonrpc": "2.0", "id": "1", "result": {}},
        {"jsonrpc": "2.0", "id": None, "error": {"code": 1, "message": ""}},
    ],
)
def test_an_answer_to_nothing_is_taken_and_means_nothing(said: object) -> None:
    client = Speaker("oauth-streamable")
    client.begin()
    client.session.fresh()
    number = client.session.ask("ping")
    assert client.post(said).status == 202
    assert client.session.answer(number) is None
    assert list(client.caller.service.world.journal)[-1].operation == ""


def test_the_first_answer_counts() -> None:
    client = Speaker("oauth-streamable")
    client.begin()
    number = client.session.ask("ping")
    for result in ({"n": 1}, {"n": 2}):
        client.post({"jsonrpc": "2.0", "id": number, "result": result})
    answer = client.session.answer(number)
    assert answer is not None
    assert answer["result"] == {"n": 1}


def test_another_session_cannot_answer() -> None:
    one = Speaker("oauth-streamable")
    other = Speaker(one.caller)
    one.begin()
    other.begin()
    number = one.session.ask("ping")
    other.post({"jsonrpc": "2.0", "id": number, "result": {}})
    assert one.session.answer(number) is None


def named(note: str, *events: str) -> Stream:
    return Stream(keepalive=Measured(value=30, note=note), events=events)


def is_comment(chunk: bytes, _: Session) -> bool:
    return chunk == COMMENT


def is_event(chunk: bytes, _: Session) -> bool:
    return chunk == b"event: heartbeat\ndata: \n\n"


def is_call(chunk: bytes, session: Session) -> bool:
    said = json.loads(chunk.partition(b"data: ")[2])
    return said["method"] == "ping" and session.answer(said["id"]) is None


@pytest.mark.parametrize(
    ("known", "is_sign"),
    [
        (named("comments"), is_comment),
        (named("comments, not the same on all streams, pings"), is_comment),
        (named("pings", "message", "heartbeat"), is_event),
        (named("pings", "message"), is_call),
    ],
)
def test_a_stream_is_kept_alive_as_it_was(
    known: Stream, is_sign: Callable[[bytes, Session], bool]
) -> None:
    async def part() -> None:
        client = Speaker(altered("oauth-streamable", stream={"mcp": known}))
        client.begin()
        heard = listening(client.get()).chunks
        for _ in range(2):
            waits = asyncio.ensure_future(anext(heard))
            await asyncio.sleep(0)
            client.caller.clock.advance(30)
            assert is_sign(await waits, client.session)

    play(part)
