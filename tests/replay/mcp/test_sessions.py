"""Sessions: whose they are, when they end, and that they never mix."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayed import Caller, header, shipped
from speaking import SESSION, Speaker, SseSpeaker, altered, listening, message, play
from wiretape.analysis.profile.values import Answer
from wiretape.replay.clock import Clock
from wiretape.replay.edge.serving import running
from wiretape.replay.http.streams import Pace, Stream
from wiretape.replay.mcp.sessions import Session, Sessions
from wiretape.replay.oauth.tokens import Grant


@pytest.fixture
def client() -> Speaker:
    return Speaker("oauth-streamable")


def test_one_client_listens_in_a_session_at_a_time(client: Speaker) -> None:
    async def part() -> None:
        client.begin()
        heard = client.listen()
        waits = asyncio.ensure_future(anext(heard.chunks))
        await asyncio.sleep(0)
        refused = client.get()
        assert refused.status == 409
        assert "Only one" in json.loads(refused.body)["error"]["message"]
        waits.cancel()
        await asyncio.gather(waits, return_exceptions=True)
        client.session.tell("notifications/x")
        assert (await client.listen().message())["method"] == "notifications/x"

    play(part)


def test_an_initialize_in_a_session_goes_on_with_it(client: Speaker) -> None:
    client.begin("2025-11-25")
    first = client.headers[SESSION]
    again = client.begin()
    assert header(again, SESSION) == first
    assert len(client.caller.service.world.sessions.open) == 1
    client.headers[SESSION] = "gone"
    assert client.say("initialize", 1, protocolVersion="2025-11-25").status == 404


def test_a_delete_that_is_not_allowed_ends_nothing() -> None:
    client = Speaker(altered("oauth-streamable", transport__delete=Answer(status=405)))
    client.begin()
    assert client.caller.ask("DELETE", client.url, b"", client.headers).status == 405
    assert client.say("ping", 1).status == 200


def test_sessions_end_with_their_grant(client: Speaker) -> None:
    async def part() -> None:
        other = Speaker(client.caller)
        client.begin()
        other.begin()
        heard = client.listen()
        waits = asyncio.ensure_future(heard.rest())
        await asyncio.sleep(0)
        lineages = client.caller.service.world.state.lineages
        found = lineages.owner(client.headers["authorization"].removeprefix("Bearer "))
        assert found is not None
        found.revoke()
        assert await waits == []
        assert list(client.caller.service.world.sessions.open) == [other.headers[SESSION]]
        assert other.say("ping", 1).status == 200

    play(part)


def test_over_http_and_sse_a_stream_ends_when_its_grant_is_revoked() -> None:
    async def part() -> None:
        client = SseSpeaker(Caller(shipped("oauth-sse")))
        await client.open()
        (session,) = client.caller.service.world.sessions.open.values()
        assert session.grant is not None
        client.caller.service.world.sessions.end_of(session.grant)
        assert await client.stream.rest() == []

    play(part)


def test_where_somebody_else_gives_tokens_out_a_session_is_not_bound_to_one() -> None:
    client = Speaker(shipped("mcp-atlassian"))
    client.headers["authorization"] = "Bearer one"
    client.begin()
    client.headers["authorization"] = "Bearer another"
    assert client.say("ping", 1).status == 200


def test_a_stream_is_refused_for_its_session_first_where_that_is_known_to_be_refused() -> None:
    client = Speaker(shipped("redirects"))
    client.url += "/"  # the other is redirected
    assert client.get().status == 400
    client.begin()
    assert client.get().status == 405


def test_of_too_many_the_one_used_longest_ago_ends() -> None:
    async def part() -> None:
        sessions = Sessions(most=3)
        clock = Clock(1000, rate=0)
        heard = Stream(clock, Pace())
        reads = asyncio.ensure_future(anext(heard.chunks()))
        await asyncio.sleep(0)
        for name in "abc":
            sessions.begin(Session(name, None, stream=heard if name == "b" else None))
        assert sessions.of("a", None) is not None
        for name in "de":
            sessions.begin(Session(name, None))
        assert set(sessions.open) == {"b", "d", "e"}  # c was idle, then a; on b somebody listens
        numbers = [session.number for session in sessions.open.values()]
        assert len(set(numbers)) == 3
        reads.cancel()

    play(part)


def test_if_all_are_listened_on_the_oldest_ends() -> None:
    async def part() -> None:
        sessions = Sessions(most=1)
        stream = Stream(Clock(1000, rate=0), Pace())
        sessions.begin(Session("a", None, stream=stream))
        reads = asyncio.ensure_future(anext(stream.chunks()))
        await asyncio.sleep(0)
        sessions.begin(Session("b", None))
        with pytest.raises(StopAsyncIteration):
            await reads
        assert list(sessions.open) == ["b"]

    play(part)


def test_a_grant_that_is_revoked_twice_ends_once() -> None:
    ended: list[int] = []
    grant = Grant(1, "a client", None, ended=lambda: ended.append(1))
    grant.revoke()
    grant.revoke()
    assert ended == [1]


CLIENTS = 3
OPEN: dict[str, Any] = {"endpoints__token": None, "challenge": {}}
OVER_SSE = Caller(altered("oauth-sse", **OPEN))
OVER_STREAMABLE = Caller(altered("oauth-streamable", **OPEN))
_STEPS = st.lists(
    st.tuples(st.integers(0, CLIENTS - 1), st.integers(0, 3), st.booleans()), max_size=30
)


@given(steps=_STEPS)
def test_sessions_with_the_same_ids_never_mix(steps: list[tuple[int, int, bool]]) -> None:
    """Each hears the answers to its own calls, in order, and what the server says to it."""

    async def part() -> None:
        clients = [SseSpeaker(OVER_SSE) for _ in range(CLIENTS)]
        for each in clients:
            await each.open()
        expected: list[list[Any]] = [[] for _ in clients]
        for who, number, by_server in steps:
            tag = f"{who}.{len(expected[who])}"
            if by_server:
                clients[who].session.tell("notifications/x", {"tag": tag})
            else:
                clients[who].say("tools/call", number, name=tag)
            expected[who].append((None if by_server else number, tag))
        for each, wanted in zip(clients, expected, strict=True):
            for number, tag in wanted:
                said = await each.stream.message()
                assert (said.get("id"), tag in json.dumps(said)) == (number, True)

    play(part)


@given(steps=_STEPS)
def test_nor_do_they_over_streamable_http(steps: list[tuple[int, int, bool]]) -> None:
    async def part() -> None:
        clients = [Speaker(OVER_STREAMABLE) for _ in range(CLIENTS)]
        for each in clients:
            each.begin()
        expected: list[list[str]] = [[] for _ in clients]
        for turn, (who, number, by_server) in enumerate(steps):
            tag = f"{who}.{turn}"
            if by_server:
                clients[who].session.tell("notifications/x", {"tag": tag})
                expected[who].append(tag)
            else:
                said = clients[who].say("tools/call", number, name=tag).body.decode()
                assert f'"id":{number},' in said
                assert tag in said
        for each, tags in zip(clients, expected, strict=True):
            if tags:
                heard = listening(each.get())
                assert [(await heard.message())["params"]["tag"] for _ in tags] == tags

    play(part)


def test_on_the_wire_clients_at_once_never_mix() -> None:
    async def client(url: str, name: str) -> None:
        accept = {"accept": "application/json, text/event-stream"}
        async with httpx.AsyncClient(timeout=10, trust_env=False, headers=accept) as http:
            hello = message("initialize", 1, protocolVersion="2025-11-25")
            opened = await http.post(url, json=hello)
            http.headers[SESSION] = opened.headers[SESSION]
            calls = [
                http.post(url, json=message("tools/call", number, name=f"{name}.{number}"))
                for number in range(8)
            ]
            for number, answer in enumerate(await asyncio.gather(*calls)):
                said = json.loads(answer.text.partition("data: ")[2] or answer.text)
                assert said["id"] == number
                assert f"{name}.{number}" in json.dumps(said)

    async def part() -> None:
        profile = altered("oauth-streamable", **OPEN)
        async with running(profile, clock=Clock(1_700_000_000, rate=0)) as at:
            await asyncio.gather(*(client(at.urls[0], f"client-{each}") for each in range(12)))
            assert len(at.service.world.sessions.open) == 12

    play(part)
