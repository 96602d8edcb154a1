"""HTTP+SSE: what is posted is answered on the stream."""

import asyncio
import json
from typing import Any

import pytest

from replayed import Caller, header, shipped
from speaking import SseSpeaker, altered, play
from wiretape.analysis.profile.texts import BodyText
from wiretape.analysis.profile.values import Answer
from wiretape.replay.http.messages import Reply

HALF = b'{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}'
"""An id that is half of a surrogate pair, which no answer could repeat."""

SSE = "https://mcp.atlassian.com/v1/sse"
SITE = "https://mcp.atlassian.com"


class Listener:
    """A client with a stream open."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        _, tokens = caller.granted()
        self.headers = {"authorization": f"Bearer {tokens['access_token']}"}
        reply = caller.ask("GET", SSE, b"", self.headers)
        assert (reply.status, header(reply, "content-type")) == (200, "text/event-stream")
        assert reply.stream is not None
        self.chunks = reply.stream()

    async def heard(self) -> tuple[str, str]:
        chunk = await asyncio.wait_for(anext(self.chunks), 5)
        event, data = chunk.decode().removesuffix("\n\n").split("\n")
        return event.removeprefix("event: "), data.removeprefix("data: ")

    async def answered(self) -> Any:
        event, data = await self.heard()
        assert event == "message"
        return json.loads(data)

    def say(self, url: str, method: str, number: int | None = None, **params: object) -> Reply:
        message: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
        if number is not None:
            message["id"] = number
        return self.caller.post_json(SITE + url, message, self.headers)


@pytest.fixture
def listener() -> Listener:
    return Listener(Caller(shipped("atlassian-2025-08")))


def test_a_session(listener: Listener) -> None:
    async def session() -> None:
        event, url = await listener.heard()
        assert event == "endpoint"
        head, _, id_ = url.partition("?sessionId=")
        assert (head, len(id_)) == ("/v1/sse/message", 64)

        taken = listener.say(url, "initialize", 1, protocolVersion="2025-06-18")
        assert (taken.status, taken.body) == (202, b"Accepted")
        assert header(taken, "content-type") == "text/event-stream"
        opened = await listener.answered()
        assert opened["id"] == 1
        assert opened["result"]["protocolVersion"] == "2025-03-26"

        assert listener.say(url, "notifications/initialized").status == 202
        assert await listener.answered() == {
            "jsonrpc": "2.0",
            "id": None,
            "error": {"code": -32601, "message": "Method not found"},
        }

        listener.say(url, "tools/list", 2)
        tools = (await listener.answered())["result"]["tools"]
        assert len(tools) == 24
        assert all(tool["inputSchema"]["type"] == "object" for tool in tools)

        listener.say(url, "tools/call", 3, name="getJiraIssue", arguments={})
        result = (await listener.answered())["result"]
        assert result["_meta"] == {"wiretape/standing": "assumed"}

        listener.say(url, "tools/call", 4, name="no such tool")
        assert (await listener.answered())["error"]["code"] == -32602
        listener.say(url, "no/such/method", 5)
        assert (await listener.answered())["error"]["code"] == -32601

    asyncio.run(session())


def test_a_post_to_the_streams_own_endpoint_finds_nothing(listener: Listener) -> None:
    reply = listener.say("/v1/sse", "initialize", 1)
    assert (reply.status, reply.body) == (404, b"Missing sessionId parameter")


def test_keep_alives_come_by_the_clock(listener: Listener) -> None:
    async def session() -> None:
        await listener.heard()
        for _ in range(3):
            waits = asyncio.ensure_future(anext(listener.chunks))
            await asyncio.sleep(0)
            listener.caller.clock.advance(29)
            await asyncio.sleep(0.01)
            assert not waits.done()
            listener.caller.clock.advance(1)
            assert (await asyncio.wait_for(waits, 5)).startswith(b":")

    asyncio.run(session())


def test_sessions_with_the_same_ids_never_mix() -> None:
    async def sessions() -> None:
        caller = Caller(shipped("atlassian-2025-08"))
        one, other = Listener(caller), Listener(caller)
        urls = [(await each.heard())[1] for each in (one, other)]
        assert urls[0] != urls[1]
        one.say(urls[0], "tools/call", 1, name="getJiraIssue")
        other.say(urls[1], "tools/call", 1, name="getConfluencePage")
        assert "getJiraIssue" in str(await one.answered())
        assert "getConfluencePage" in str(await other.answered())

        stranger = one.say(urls[1], "ping", 2)
        assert stranger.status == 404

    asyncio.run(sessions())


def test_a_session_ends_with_its_stream(listener: Listener) -> None:
    async def session() -> None:
        _, url = await listener.heard()
        assert listener.say(url, "ping", 1).status == 202
        await listener.chunks.aclose()
        assert listener.say(url, "ping", 2).status == 404

    asyncio.run(session())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 100_000, HALF])
def test_what_is_no_message_is_refused(listener: Listener, body: bytes) -> None:
    async def session() -> None:
        _, url = await listener.heard()
        assert listener.caller.ask("POST", SITE + url, body, listener.headers).status == 400

    asyncio.run(session())


@pytest.mark.parametrize(
    ("what", "body", "content_type"),
    [
        ("no_json", b"{", "application/json"),
        ("no_message", b'{"wiretape": true}', "application/json"),
        ("batch", b'[{"jsonrpc": "2.0", "id": 1, "method": "ping"}]', "application/json"),
        ("wrong_content_type", b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}', "text/plain"),
    ],
)
def test_what_is_not_taken_is_refused_as_it_was(what: str, body: bytes, content_type: str) -> None:
    async def part() -> None:
        refusal = Answer(status=422, body=BodyText("no"), content_type=("text/plain",))
        profile = altered("atlassian-2025-08", **{f"transport__message__{what}": refusal})
        client = SseSpeaker(Caller(profile))
        await client.open()
        client.session.revision = "2025-06-18"  # which has no batches
        headers = client.headers | {"content-type": content_type}
        reply = client.caller.ask("POST", client.url, body, headers)
        assert (reply.status, reply.body) == (422, b"no")

    play(part)


def test_what_is_no_message_is_not_taken_where_nothing_is_known_of_it() -> None:
    async def part() -> None:
        client = SseSpeaker(Caller(shipped("atlassian-2025-08")))
        await client.open()
        assert client.post({"wiretape": True}).status == 400

    play(part)
