"""What is wrong with the answers to calls, whichever way they come."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from misbehaving import SSE, STREAMABLE, Client, Events, client, in_bodies, told


@contextmanager
def on_a_stream(a: Client) -> Iterator[tuple[Events, str]]:
    with a.stream() as events:
        yield events, events.open()


def data(event: bytes) -> bytes:
    return event.partition(b"data: ")[2].strip()


def test_an_error_comes_instead_of_the_result() -> None:
    with client(STREAMABLE, "error-instead:times=1") as a:
        assert "result" in told(a.begin())
        answer = told(a.say("tools/list", 1))
        assert answer["error"] == {"code": -32603, "message": "Internal error"}
        assert (answer["id"], set(answer)) == (1, {"jsonrpc", "id", "error"})
        assert "result" in told(a.say("tools/list", 2))


def test_the_error_can_be_chosen() -> None:
    with client(SSE, "error-instead:code=-32000,message=No") as a, on_a_stream(a) as (events, url):
        events.say(url, "tools/list", 1)
        assert json.loads(data(events.next()))["error"] == {"code": -32000, "message": "No"}


def test_an_answer_is_no_json() -> None:
    with client(in_bodies(), "malformed-json:times=1") as a:
        a.begin()
        answer = a.say("tools/list", 1)
        assert answer.headers["content-type"] == "application/json"
        assert answer.content.startswith(b'{"jsonrpc"')
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            told(answer)
        assert told(a.say("tools/list", 2))["id"] == 2


def test_an_event_is_no_json_but_whole() -> None:
    with client(SSE, "malformed-json:times=1") as a, on_a_stream(a) as (events, url):
        events.say(url, "tools/list", 1)
        event = events.next()
        assert event.startswith(b"event: message\ndata: {")
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            json.loads(data(event))
        events.say(url, "ping", 2)
        assert json.loads(data(events.next()))["id"] == 2


def test_an_unknown_notification_comes_first() -> None:
    with client(SSE, "unknown-notification:nth=1") as a, on_a_stream(a) as (events, url):
        events.say(url, "ping", 1)
        first = json.loads(data(events.next()))
        assert (first["method"], "id" in first) == ("notifications/unheard_of", False)
        assert json.loads(data(events.next()))["id"] == 1
        events.say(url, "ping", 2)
        assert json.loads(data(events.next()))["id"] == 2


def test_an_unknown_notification_makes_a_stream_of_a_body() -> None:
    with client(in_bodies(), "unknown-notification:notification=x/y") as a:
        assert a.begin().headers["content-type"] == "application/json"
        answer = a.say("ping", 1)
        assert answer.headers["content-type"] == "text/event-stream"
        said = [json.loads(data(event)) for event in answer.content.split(b"\n\n") if event]
        assert [each.get("method") or each["id"] for each in said] == ["x/y", 1]


def test_every_other_answer_waits() -> None:
    with client(SSE, "out-of-order:seconds=5") as a, on_a_stream(a) as (events, url):
        for number in range(1, 5):
            events.say(url, "ping", number)
        found = [json.loads(data(events.next()))["id"] for _ in range(2)]
        a.service.clock.advance(5)
        found += [json.loads(data(events.next()))["id"] for _ in range(2)]
        assert found == [2, 4, 1, 3]


OVERSIZED = "oversized-event:size=3000000,times=1"


def test_an_answer_is_very_long() -> None:
    with client(in_bodies(), OVERSIZED) as a:
        a.begin()
        found = [a.say("ping", number) for number in (1, 2)]
        assert [len(each.content) >= 3_000_000 for each in found] == [True, False]
        assert [told(each)["id"] for each in found] == [1, 2]


def test_an_event_is_very_long() -> None:
    with client(SSE, OVERSIZED) as a, on_a_stream(a) as (events, url):
        found = []
        for number in (1, 2):
            events.say(url, "ping", number)
            found.append(data(events.next()))
        assert [json.loads(each)["id"] for each in found] == [1, 2]
        assert [len(each) >= 3_000_000 for each in found] == [True, False]


@pytest.mark.parametrize(
    "fault",
    ["error-instead", "malformed-json", "unknown-notification", "out-of-order", "oversized-event"],
)
def test_what_gets_no_answer_does_not_count(fault: str) -> None:
    with client(STREAMABLE, f"{fault}:times=1", granted=False) as a:
        refused: httpx.Response = a.say("ping", 1)
        assert refused.status_code == 401
        assert a.service.journal[-1].faults == []
        a.grant()
        a.begin()
        a.say("notifications/initialized")
        assert a.service.journal[-1].faults == []


def test_a_tool_fails() -> None:
    with client(STREAMABLE, "tool-error:text=Not today") as a:
        a.begin()
        assert "tools" in told(a.say("tools/list", 1))["result"]
        answer = told(a.say("tools/call", 2, name="anything", arguments={}))
        said = [{"type": "text", "text": "Not today"}]
        assert answer == {"jsonrpc": "2.0", "id": 2, "result": {"content": said, "isError": True}}


def test_a_list_comes_in_pages() -> None:
    with client(STREAMABLE) as a:
        a.begin()
        whole = told(a.say("tools/list", 1))["result"]["tools"]
    assert len(whole) > 2
    with client(STREAMABLE, f"long-list:size={len(whole) - 1}") as a:
        a.begin()
        first = told(a.say("tools/list", 1))["result"]
        last = told(a.say("tools/list", 2, cursor=first["nextCursor"]))["result"]
        assert first["tools"] + last["tools"] == whole
        assert "nextCursor" not in last
        assert told(a.say("ping", 3))["result"] == {}


def test_progress_comes_before_the_answer_under_the_callers_token() -> None:
    with client(in_bodies(), "progress:steps=2") as a:
        a.begin()
        answer = a.say("tools/list", 1, _meta={"progressToken": 0})
        said = [json.loads(data(event)) for event in answer.content.split(b"\n\n") if event]
        told = [each["params"] for each in said if each.get("method") == "notifications/progress"]
        assert [(each["progressToken"], each["progress"], each["total"]) for each in told] == [
            (0, 1, 2),
            (0, 2, 2),
        ]
        assert (len(said), said[-1]["id"]) == (3, 1)


def test_progress_comes_on_the_stream_of_the_session() -> None:
    with client(SSE, "progress:steps=1") as a, on_a_stream(a) as (events, url):
        events.say(url, "tools/list", 1, _meta={"progressToken": "a"})
        first = json.loads(data(events.next()))
        assert first["params"] == {
            "progressToken": "a",
            "progress": 1,
            "total": 1,
            "message": "Step 1",
        }
        assert json.loads(data(events.next()))["id"] == 1


def test_who_asks_for_no_progress_is_told_none() -> None:
    with client(STREAMABLE, "progress") as a:
        a.begin()
        assert told(a.say("tools/list", 1))["id"] == 1
        assert a.service.journal[-1].faults == []
