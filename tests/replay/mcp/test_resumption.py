"""Streams with ids: who lost one goes on after the last event that came."""

import json
from collections.abc import Iterator

import httpx
import pytest

from misbehaving import Client, client
from replayed import header
from speaking import SESSION, Speaker, altered, listening, play
from wiretape.analysis.profile.mcp import Stream
from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.values import Cut
from wiretape.recorder.wire.sse import EventStream, ServerSentEvent

IDS = {"mcp": Stream(event_ids=True, retry=700), "mcp-answers": Stream(event_ids=True, retry=700)}


def numbered(**streams: Stream) -> Profile:
    return altered("oauth-streamable", stream=IDS | streams)


def test_an_answer_that_was_lost_comes_again() -> None:
    async def part() -> None:
        a = Speaker(numbered())
        a.begin()
        lost = listening(a.say("tools/list", 7))
        first = await lost.event()
        assert (first.data, first.retry) == (b"", b"700")
        again = a.listen(last_event_id=(first.id or b"").decode())
        events = await again.rest()
        answers = [event for event in events if event.data]
        assert [json.loads(event.data or b"")["id"] for event in answers] == [7]
        assert await a.listen(last_event_id=(answers[0].id or b"").decode()).rest() == [
            event for event in events if not event.data
        ]

    play(part)


def test_answers_of_others_never_come_again() -> None:
    """2025-11-25, Resumability, 2: what would have been on another stream is not replayed."""

    async def part() -> None:
        a = Speaker(numbered())
        a.begin()
        ids = []
        for number in range(5):
            events = await listening(a.say("ping", number)).rest()
            ids.append((events[0].id or b"").decode())
        for number, id_ in enumerate(ids):
            events = await a.listen(last_event_id=id_).rest()
            assert [json.loads(event.data)["id"] for event in events if event.data] == [number]
        stranger = Speaker(a.caller)
        stranger.begin()
        stranger.session.tell("notifications/x")
        heard = stranger.listen(last_event_id=ids[0])
        assert (await heard.event()).data == b""
        assert (await heard.message())["method"] == "notifications/x"

    play(part)


def test_the_servers_own_stream_goes_on_where_it_was_lost() -> None:
    async def part() -> None:
        a = Speaker(numbered())
        a.begin()
        heard = a.listen()
        assert (await heard.event()).data == b""
        for number in range(4):
            a.session.tell("notifications/x", {"number": number})
        first = await heard.event()
        await heard.event()  # that one is lost on the way, say
        again = a.listen(last_event_id=(first.id or b"").decode())
        await again.event()
        numbers = [(await again.message())["params"]["number"] for _ in range(3)]
        assert numbers == [1, 2, 3]

    play(part)


@pytest.mark.parametrize("id_", ["", "nobody's", "1-1-1", "99-1"])
def test_an_id_that_nobody_gave_is_ignored(id_: str) -> None:
    async def part() -> None:
        a = Speaker(numbered())
        a.begin()
        a.session.tell("notifications/x")
        heard = a.listen(last_event_id=id_)
        await heard.event()
        assert (await heard.message())["method"] == "notifications/x"

    play(part)


def test_where_it_was_refused_it_is_refused() -> None:
    a = Speaker(numbered(mcp=Stream(event_ids=True, resumed=False)))
    a.begin()
    assert a.get(last_event_id="1-1").status == 400
    assert a.get().status == 200


@pytest.mark.parametrize("version", ["2025-03-26", "2025-06-18"])
def test_clients_of_before_2025_11_25_get_no_event_without_data(version: str) -> None:
    async def part() -> None:
        revisions = {version: version}
        a = Speaker(altered(numbered(), protocol__revisions=revisions))
        a.begin(version)
        events = await listening(a.say("ping", 1)).rest()
        assert [(event.data, event.retry) for event in events] == [
            (None, b"700"),
            (b'{"jsonrpc":"2.0","id":1,"result":{}}', None),
        ]

    play(part)


def test_without_ids_there_are_none() -> None:
    a = Speaker("oauth-streamable")
    a.begin()
    reply = a.say("ping", 1)
    assert header(reply, "content-type") == "text/event-stream"
    assert b"id: " not in reply.body.replace(b'"id"', b"")


def test_on_the_wire_a_stream_that_is_cut_goes_on() -> None:
    cut = Stream(event_ids=True, retry=1, cut=Cut(after="age", seconds=60))
    with client(numbered(mcp=cut)) as a:
        a.begin()
        last = ""
        for number in range(3):
            _tell(a, number)
            headers = a.headers | ({"last-event-id": last} if last else {})
            with a.http.stream("GET", a.service.url, headers=headers) as response:
                events = _events(response)
                numbers: list[int] = []
                while not numbers:
                    event = next(events)
                    numbers = [json.loads(event.data)["params"]["number"]] if event.data else []
                assert numbers == [number]
                last = (event.id or b"").decode()
                a.service.clock.advance(60)
                assert list(events) == []


def _events(response: httpx.Response) -> Iterator[ServerSentEvent]:
    parser = EventStream(10_000)
    for chunk in response.iter_raw():
        yield from parser.feed(chunk)


def _tell(a: Client, number: int) -> None:
    id_ = a.headers[SESSION]
    a.service.do(
        lambda at: at.service.world.sessions.open[id_].tell("notifications/x", {"number": number})
    )
