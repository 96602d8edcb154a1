"""Whether messages are as the schema of their revision has them."""

from pathlib import Path
from typing import Any

import pytest

from concluded import findings
from play import Json, Play, call, failure, initialize, note, result
from players import MCP, MODERN, Sse, Streamable
from wiretape.analysis.finding import Finding

RECORDINGS = Path(__file__).parents[3] / "fixtures" / "recordings"
INFO = {"name": "server", "version": "2"}


def opened(play: Play, revision: str = "2025-06-18") -> Streamable:
    """A session without faults."""
    answer = result(0, protocolVersion=revision, serverInfo=INFO, capabilities={})
    play.answer(play.post(MCP, initialize(version=revision)), answer)
    session = object.__new__(Streamable)
    session.play, session.url, session.how = play, MCP, {}
    session.headers, session.stream = {"Mcp-Session-Id": "s"}, None
    return session


def conformance(play: Play) -> Finding:
    return findings(play)["protocol.nonconforming"]


def faults(play: Play) -> list[Any]:
    value = conformance(play).value
    assert isinstance(value, list)
    return value


def asked(message: Json, answer: Json = None) -> Play:
    """A session in which something is asked, and answered."""
    play = Play()
    session = opened(play)
    play.answer(session.post(message), answer)
    return play


def test_messages_as_they_should_be() -> None:
    tool = {"name": "a", "inputSchema": {"type": "object"}}
    play = asked(call(1, "tools/list"), result(1, tools=[tool]))
    found = conformance(play)
    assert found.value == []
    assert found.note == "4 of 4 messages were checked"
    assert found.evidence


def test_a_result_without_what_it_must_have() -> None:
    play = asked(call(1, "tools/list"), result(1, tools=[{"name": "a"}]))
    found = conformance(play)
    assert found.value == [
        {"by": "server", "method": "tools/list", "what": "tools.0.inputSchema: Field required"}
    ]
    assert [place.line for place in found.evidence] == [6]


def test_a_request_without_what_it_must_have() -> None:
    play = asked(call(1, "tools/call", arguments={}), result(1, content=[]))
    assert faults(play) == [
        {"by": "client", "method": "tools/call", "what": "params.name: Field required"}
    ]


def test_a_method_that_the_revision_does_not_have() -> None:
    play = Play()
    session = opened(play, "2025-03-26")
    session.hear(call(1, "elicitation/create", message="m", requestedSchema={}))
    session.say(failure(1, -32601))
    assert faults(play) == [
        {
            "by": "server",
            "method": "elicitation/create",
            "what": "no such request in 2025-03-26",
        }
    ]


def test_a_request_of_a_revision_that_its_header_says() -> None:
    play = Play()
    play.answer(play.post(MCP, call(1, "tools/list"), MODERN), result(1, tools=[]))
    assert [(fault["by"], fault["what"]) for fault in faults(play)] == [
        ("client", "params._meta: Field required"),
        ("server", "cacheScope: Field required"),
    ]


@pytest.mark.parametrize("revision", ["1999-01-01", "2025-06-18"])
def test_a_revision_that_there_never_was_is_taken_for_the_one_agreed_on(revision: str) -> None:
    play = Play()
    session = opened(play)
    headers = session.headers | {"mcp-protocol-version": revision}
    play.answer(play.post(MCP, call(1, "tools/list"), headers), result(1, tools=[]))
    assert faults(play) == []


@pytest.mark.parametrize("agent", ["wiretape-probe", "client/1"])
def test_what_the_probe_does_wrong_is_on_purpose(agent: str) -> None:
    play = Play()
    who = {"User-Agent": agent}
    info = {"protocolVersion": "2025-06-18", "serverInfo": INFO, "capabilities": {}}
    play.answer(play.post(MCP, initialize(), who), result(0, **info))
    play.answer(play.post(MCP, call(1, "tools/call"), who), failure(1, -32602))
    note = conformance(play).note or ""
    assert ("probe, which makes mistakes on purpose" in note) == (agent == "wiretape-probe")


def test_an_answer_to_a_notification() -> None:
    play = Play()
    session = Sse(play, "a" * 40)
    session.say(note("notifications/initialized"))
    session.hear(failure(None, -32601, "Method not found"))
    assert faults(play) == [
        {
            "by": "server",
            "method": "notifications/initialized",
            "what": "a notification was answered with error -32601",
        }
    ]


def test_a_notification_that_http_refuses_is_no_fault() -> None:
    play = Play()
    session = opened(play)
    post = session.post(note("notifications/initialized"))
    play.answer(post, failure(None, -32600), status=400)
    assert faults(play) == []


def test_what_is_no_message_at_all() -> None:
    play = Play()
    session = opened(play)
    play.answer(session.post({"jsonrpc": "1.0", "method": "a", "id": 1}), status=400)
    post = session.post(call(1, "tools/list"))
    play.stream(post)
    play.event(post, {"tools": []})
    play.end(post)
    assert faults(play) == [
        {"by": "client", "method": "", "what": 'no "jsonrpc": "2.0"'},
        {"by": "server", "method": "", "what": 'no "jsonrpc": "2.0"'},
    ]


def test_events_of_somebody_elses_stream_are_no_messages() -> None:
    play = Play()
    opened(play)
    stream = play.listen("https://news.example.com/live")
    play.stream(stream)
    play.event(stream, {"price": 1})
    play.end(stream)
    assert faults(play) == []


def test_only_the_first_of_what_looks_alike_are_checked() -> None:
    play = Play()
    session = opened(play)
    for number in range(60):
        play.answer(session.post(call(number, "ping")), result(number))
    found = conformance(play)
    assert found.note == "102 of 122 messages were checked"


def test_a_value_is_never_repeated() -> None:
    secret = "s3cr3t-value"
    play = asked(call(1, "tools/call", name=[secret]), result(1, content=secret))
    assert len(faults(play)) == 2
    assert secret not in str(conformance(play))


@pytest.mark.parametrize("name", ["oauth-sse", "oauth-streamable", "mcp-atlassian"])
def test_real_recordings_conform(name: str) -> None:
    assert findings(RECORDINGS / f"{name}.jsonl")["protocol.nonconforming"].value == []
