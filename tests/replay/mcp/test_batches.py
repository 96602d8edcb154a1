"""Several messages at once: taken as long as there were batches, refused since."""

import json
from typing import Any

import pytest

from replayed import Caller, header, shipped
from speaking import VERSION, Speaker, SseSpeaker, altered, message, play

PINGS = [message("ping", 1), message("notifications/initialized"), message("ping", "1")]


def answers(body: bytes) -> dict[Any, Any]:
    return {answer["id"]: answer.get("result") for answer in json.loads(body)}


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26"])
def test_each_call_of_a_batch_is_answered(version: str) -> None:
    client = Speaker("atlassian-2026-09")
    client.headers[VERSION] = version
    client.begin("2025-03-26")
    reply = client.post(PINGS)
    assert (reply.status, header(reply, "content-type")) == (200, "application/json")
    assert answers(reply.body) == {1: {}, "1": {}}


def test_on_a_stream_each_by_itself() -> None:
    client = Speaker(altered("atlassian-2026-09", transport__ways=("stream",)))
    client.begin("2025-03-26")
    reply = client.post(PINGS)
    assert header(reply, "content-type") == "text/event-stream"
    assert reply.body.count(b"event: message\n") == 2


def test_the_revision_that_was_agreed_on_counts_where_no_header_tells_one() -> None:
    client = Speaker("atlassian-2026-09")
    client.begin("2025-06-18")
    refused = client.post(PINGS)
    assert (refused.status, json.loads(refused.body)["error"]["code"]) == (400, -32600)
    client.headers[VERSION] = "2025-11-25"
    assert client.post(PINGS).status == 400


def test_a_batch_without_calls_is_taken() -> None:
    client = Speaker("atlassian-2026-09")
    client.begin("2025-03-26")
    reply = client.post([message("notifications/initialized")] * 2)
    assert (reply.status, reply.body) == (202, b"")


def test_what_must_not_be_in_a_batch_is_answered_with_an_error() -> None:
    client = Speaker("atlassian-2026-09")
    client.begin("2025-03-26")
    batch = [message("initialize", 1), 7, [], message("ping", 2)]
    told = json.loads(client.post(batch).body)
    codes = [each.get("error", {}).get("code") for each in told]
    assert codes == [-32600, -32600, -32600, None]


@pytest.mark.parametrize("batch", [[], [message("ping", 1)] * 1001])
def test_a_batch_of_none_or_too_many_is_none(batch: list[Any]) -> None:
    client = Speaker("atlassian-2026-09")
    client.begin("2025-03-26")
    assert client.post(batch).status == 400


def test_over_http_and_sse_each_call_is_answered_on_the_stream() -> None:
    async def part() -> None:
        client = SseSpeaker(Caller(shipped("oauth-sse")))
        await client.open()
        assert client.post([*PINGS, 7]).status == 202
        assert [(await client.stream.message())["id"] for _ in range(3)] == [1, "1", None]
        client.say("initialize", 2, protocolVersion="2025-11-25")
        await client.stream.message()
        assert client.post(PINGS).status == 400

    play(part)
