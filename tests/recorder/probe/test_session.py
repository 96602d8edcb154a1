"""The steps of MCP: negotiation, revisions, lists, calls, mistakes, content types, sessions."""

import json
from typing import Any

import pytest

from paper import (
    HELLO,
    ORIGIN,
    URL,
    Play,
    answer,
    connected,
    event,
    granted,
    header,
    known,
    mcp,
    stream,
)
from wiretape.recorder.probe.known import Invocation, Known, Session, Tool
from wiretape.recorder.probe.steps import (
    calls,
    connect,
    content,
    lists,
    mistakes,
    revisions,
    session,
)
from wiretape.recorder.probe.talk import Answer, Ask, StepError

ENDPOINT = stream(event(b"/message?sessionId=abc", b"endpoint"))


def sse() -> Known:
    found = granted()
    found.transport = "sse"
    found.session = Session("sse", f"{ORIGIN}/message?sessionId=abc", stream=1)
    return found


def test_streamable_http_is_tried_first():
    play = Play(granted(), {"POST /mcp": mcp(initialize=HELLO)}).run(connect.STEP)
    assert play.labels == ["POST initialize", "POST notifications/initialized"]
    first, second = play.asks
    assert header(first, "accept") == "application/json, text/event-stream"
    assert header(first, "authorization") == "Bearer a:1:first"
    assert header(first, "mcp-protocol-version") is None
    assert header(second, "mcp-session-id") == "session-2"
    assert header(second, "mcp-protocol-version") == "2025-06-18"
    assert play.known.transport == "streamable"


def test_an_answer_may_come_in_a_stream():
    said = event({"jsonrpc": "2.0", "id": 1, "result": HELLO}, number=b"7")

    def initialize(ask: Ask) -> Answer:
        return stream(said, mcp_session_id="x") if b'"id"' in ask.body else answer(202)

    play = Play(granted(), {"POST /mcp": initialize}).run(connect.STEP)
    assert play.asks[0].answers == 1
    assert play.known.session
    assert play.known.session.id == "x"
    assert play.known.session.last_event == "7"


@pytest.mark.parametrize("status", [400, 404, 405, 406])
def test_a_refusal_leads_to_the_event_stream(status: int):
    routes = {"POST /mcp": answer(status), "GET /mcp": ENDPOINT, "POST /message": answer(202)}
    play = Play(granted(), routes).run(connect.STEP)
    assert play.sent == ["POST /mcp", "GET /mcp", "POST /message", "POST /message"]
    assert play.known.transport == "sse"
    assert play.known.session
    assert play.known.session.version == "2025-06-18"
    assert play.open == {play.known.session.stream}


def test_where_neither_is_there_it_goes_without_a_session():
    found = {"supportedVersions": ["2026-07-28"]}

    def discover(ask: Ask) -> Answer:
        if json.loads(ask.body)["method"] == "initialize":
            return answer(400)
        return mcp(server_discover=found)(ask)

    play = Play(granted(), {"POST /mcp": discover, "GET /mcp": answer(405)}).run(connect.STEP)
    last = play.asks[-1]
    assert header(last, "mcp-method") == "server/discover"
    assert header(last, "mcp-protocol-version") == "2026-07-28"
    meta = json.loads(last.body)["params"]["_meta"]
    assert meta["io.modelcontextprotocol/protocolVersion"] == "2026-07-28"
    assert play.known.transport == "sessionless"


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_refusal_of_the_client_or_a_failure_does_not(status: int):
    play = Play(known(), {"POST /mcp": answer(status)}).run(connect.STEP)
    assert play.error == f"initialize: {status}"
    assert play.sent == ["POST /mcp"]


def test_a_redirect_is_told_not_followed():
    play = Play(known(), {"POST /mcp": answer(307, location="/mcp/")}).run(connect.STEP)
    assert play.error == f"the endpoint redirects (307): probe {URL}/ instead"


@pytest.mark.parametrize(
    "place", [b"https://evil.example/message", b"//evil.example/x", b"file:///x", b"\xff:\x00"]
)
def test_messages_and_tokens_go_nowhere_else(place: bytes):
    routes = {"POST /mcp": answer(404), "GET /mcp": stream(event(place, b"endpoint"))}
    play = Play(granted(), routes).run(connect.STEP)
    assert all(ask.url.startswith(ORIGIN) for ask in play.asks)


def test_every_revision_is_offered_in_a_session_of_its_own():
    play = Play(connected(), {"POST /mcp": mcp(initialize=HELLO)}).run(revisions.STEP)
    offered = [
        json.loads(ask.body)["params"]["protocolVersion"]
        for ask in play.asks
        if ask.label.startswith("initialize")
    ]
    assert offered == [
        "2024-11-05",
        "2025-03-26",
        "2025-06-18",
        "2025-11-25",
        "2026-07-28",
        "1999-01-01",
    ]
    assert play.sent.count("DELETE /mcp") == 6
    assert play.labels[-1] == "server/discover"
    assert play.known.session
    assert play.known.session.id == "session-1"


def test_every_revision_gets_a_stream_of_its_own():
    play = Play(sse(), {"GET /mcp": ENDPOINT, "POST /message": answer(202)}, open={1})
    play.run(revisions.STEP)
    assert play.sent.count("GET /mcp") == 6
    assert play.open == {1}


def paged(pages: dict[str | None, Any]) -> Any:
    return lambda message: pages.get(message.get("params", {}).get("cursor"))


def test_lists_are_read_to_their_end():
    tools = {
        None: {"tools": [{"name": "a", "annotations": {"readOnlyHint": True}}], "nextCursor": "2"},
        "2": {"tools": [{"name": "b", "inputSchema": {"required": ["x"]}}, {"no": "name"}, 7]},
    }
    play = Play(connected(), {"POST /mcp": mcp(tools_list=paged(tools))}).run(lists.STEP)
    assert play.known.tools == (
        Tool(name="a", read_only=True, bare=True),
        Tool(name="b", read_only=False, bare=False),
    )
    assert play.labels[:2] == ["tools/list, page 1", "tools/list, page 2"]
    assert json.loads(play.asks[1].body)["params"] == {"cursor": "2"}
    assert "tools/list: 4" in play.notes
    assert any("prompts/list: 200, error -32601" in note for note in play.notes)


def test_a_list_without_an_end_is_left():
    endless = mcp(tools_list={"tools": [], "nextCursor": "again"})
    play = Play(connected(), {"POST /mcp": endless}).run(lists.STEP)
    assert play.labels.count("tools/list, page 10") == 1
    assert "tools/list: more than 10 pages" in play.notes


def with_tools(**options: Any) -> Known:
    found = connected(**options)
    found.tools = (
        Tool(name="look", read_only=True, bare=True),
        Tool(name="find", read_only=True, bare=False),
        Tool(name="write", read_only=False, bare=True),
    )
    return found


def called(play: Play) -> list[tuple[str, Any]]:
    messages = [json.loads(ask.body)["params"] for ask in play.asks]
    return [(params["name"], params["arguments"]) for params in messages]


def test_without_a_choice_only_tools_that_read_and_need_nothing_are_called():
    play = Play(with_tools(), {"POST /mcp": mcp(tools_call={})}).run(calls.STEP)
    assert called(play) == [("look", {})]


@pytest.mark.parametrize(("active", "names"), [(False, ["find"]), (True, ["find", "write", "new"])])
def test_chosen_tools_that_may_write_are_called_only_with_leave(active: bool, names: list[str]):
    chosen = tuple(Invocation(name, '{"x":1}') for name in ("find", "write", "new"))
    found = with_tools(calls=chosen, active=active)
    play = Play(found, {"POST /mcp": mcp(tools_call={})}).run(calls.STEP)
    assert called(play) == [(name, {"x": 1}) for name in names]


def test_without_a_session_the_calls_tool_is_named_in_a_header():
    found = with_tools()
    found.session = Session("sessionless", URL, version="2026-07-28")
    play = Play(found, {"POST /mcp": mcp(tools_call={})}).run(calls.STEP)
    assert header(play.asks[0], "mcp-name") == "look"
    assert header(play.asks[0], "mcp-session-id") is None


def test_mistakes_are_made_to_the_end_even_if_one_is_not_answered():
    play = Play(connected(), {"POST /mcp": StepError("no answer")}).run(mistakes.STEP)
    assert play.labels == [
        "ping",
        "an unknown method",
        "a call of an unknown tool",
        "a call without its name",
        "an unknown resource",
        "an unknown prompt",
        "an unknown notification",
    ]
    assert play.error == "no answer"  # the bodies that are no message have no answer to miss


def test_an_error_with_an_id_of_the_servers_own_is_understood():
    error = {"jsonrpc": "2.0", "id": "server-error", "error": {"code": -32600, "message": "no"}}
    play = Play(connected(), {"POST /mcp": answer(406, error)}).run(mistakes.STEP)
    assert play.notes[0] == "ping: 406, error -32600: no"


def test_content_types_are_tried_in_posts_and_gets():
    play = Play(connected(), {"POST /mcp": mcp(initialize=HELLO)}).run(content.STEP)
    posts = [ask for ask in play.asks if ask.method == "POST"]
    assert [(header(ask, "accept"), header(ask, "content-type")) for ask in posts] == [
        (None, "application/json"),
        ("application/json", "application/json"),
        ("text/event-stream", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
        ("application/json, text/event-stream", None),
        ("application/json, text/event-stream", "text/plain"),
        ("application/json, text/event-stream", "application/json; charset=utf-8"),
    ]
    assert play.sent.count("DELETE /mcp") == len(posts)


def test_a_stream_is_not_initialized_again():
    play = Play(sse(), {"POST /message": answer(202)}).run(content.STEP)
    posts = [ask for ask in play.asks if ask.method == "POST"]
    assert all(json.loads(ask.body)["method"] == "ping" for ask in posts)


def test_a_session_is_missed_mistaken_and_ended():
    found = connected()
    assert found.session
    found.session.last_event = "7"
    play = Play(found, {"POST /mcp": answer(404), "DELETE /mcp": answer(204)}).run(session.STEP)
    seen = [(ask.method, header(ask, "mcp-session-id")) for ask in play.asks]
    assert seen == [
        ("POST", "session-1"),
        ("POST", None),
        ("POST", "wiretape-probe-no-such-session"),
        ("POST", "session-1"),
        ("GET", "session-1"),
        ("GET", "session-1"),
        ("DELETE", "session-1"),
        ("POST", "session-1"),
    ]
    assert header(play.asks[0], "authorization") is None
    assert header(play.ask("POST with an unknown revision"), "mcp-protocol-version") == "1999-01-01"
    assert header(play.ask("GET with Last-Event-ID"), "last-event-id") == "7"
    assert not play.known.has("session")


def test_a_session_named_by_its_url_is_missed_mistaken_and_left():
    play = Play(sse(), {"POST /message": answer(404)}, open={1}).run(session.STEP)
    assert [ask.url for ask in play.asks] == [
        f"{ORIGIN}/message?sessionId=abc",
        f"{ORIGIN}/message",
        f"{ORIGIN}/message?sessionId=000",
        f"{ORIGIN}/message?sessionId=abc",
    ]
    assert play.open == set()
    assert play.waits == [2.0]
