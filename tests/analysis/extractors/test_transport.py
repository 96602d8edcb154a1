"""Which transports a service speaks, and how it answers what each of them asks."""

from pathlib import Path

import pytest

from concluded import findings
from play import Headers, Json, Play, call, failure, initialize, initialized, note, result
from players import MCP, SSE, Sessionless, Sse, Streamable

RECORDINGS = Path(__file__).parents[3] / "fixtures" / "recordings"
JSON = {"content-type": "application/json"}
REFUSED = failure("server-error", -32600, "Not Acceptable: Client must accept text/event-stream")


def refuse(
    play: Play,
    status: int,
    *,
    text: str | None = None,
    json: Json = None,
    headers: Headers | None = None,
    message: Json = None,
    url: str = MCP,
) -> None:
    """Let a POST be refused."""
    post = play.post(url, message or call(9, "tools/list"), headers)
    play.answer(post, json, text=text, status=status, headers=JSON)


def test_http_sse_as_the_official_service_had_it() -> None:
    play = Play()
    refuse(play, 404, text="Missing sessionId parameter", message=initialize(), url=SSE)
    session = Sse(play, "0f" * 32)
    session.say(call(1, "tools/list"))
    session.hear(result(1, tools=[]))
    found = findings(play)
    assert found["transport.kinds"].value == ["sse"]
    assert found["transport.session_id.place"].value == "query"
    assert found["transport.endpoint"].value == "/v1/sse/message?sessionId={id}"
    assert found["transport.message.answer"].value == {
        "status": 202,
        "media_type": None,
        "body": "Accepted",
    }
    assert found["transport.sse.post"].value == {
        "status": 404,
        "media_type": "application/json",
        "body": "Missing sessionId parameter",
    }
    assert "transport.get" not in found
    assert "transport.unknown_session" not in found


def test_streamable_http_with_all_that_can_be_refused() -> None:
    play = Play()
    session = Streamable(play, "s")
    session.hear(note("notifications/message"))
    play.answer(session.post(call(1, "tools/list")), result(1, tools=[]), headers=JSON)
    gone = failure(9, -32600, "Session not found")
    refuse(play, 404, json=gone, headers={"Mcp-Session-Id": "gone"})
    refuse(play, 400, text="Bad Request: Missing session ID")
    refuse(play, 406, json=REFUSED, headers=session.headers | {"accept": "application/json"})
    refuse(play, 406, json=REFUSED, headers=session.headers | {"accept": "*/*"})
    refuse(play, 415, text="no", headers={"content-type": "text/plain"})
    wrong = {"mcp-protocol-version": "1999-01-01"}
    refuse(play, 400, text="Bad Request: Unsupported protocol version", headers=wrong)
    play.answer(play.request("DELETE", MCP, headers=session.headers), status=204)
    found = findings(play)
    assert found["transport.kinds"].value == ["streamable"]
    assert found["transport.session_id.place"].value == "header"
    assert found["transport.get"].value == {"status": 200, "stream": True}
    assert found["transport.delete"].value == {"status": 204, "media_type": None}
    assert found["transport.notification"].value == {
        "status": 202,
        "media_type": None,
        "body": None,
    }
    assert found["transport.unknown_session"].value == {
        "status": 404,
        "media_type": "application/json",
        "body": gone | {"id": "{id}"},
    }
    assert found["transport.missing_session"].value == {
        "status": 400,
        "media_type": "application/json",
        "body": "Bad Request: Missing session ID",
    }
    assert found["transport.wrong_accept"].value == {
        "status": 406,
        "accept": ["*/*", "application/json"],
        "media_type": "application/json",
        "body": REFUSED,
    }
    assert found["transport.wrong_content_type"].value == {
        "status": 415,
        "content_type": ["text/plain"],
        "media_type": "application/json",
        "body": "no",
    }
    assert found["transport.unsupported_revision"].count == 1


def test_a_get_with_a_wrong_accept_is_told_apart() -> None:
    play = Play()
    session = Streamable(play, "s")
    headers = {"accept": "text/html", "mcp-session-id": "s"}
    play.answer(play.request("GET", MCP, headers=headers), REFUSED, status=406, headers=JSON)
    found = findings(play)
    assert session.headers
    assert "transport.wrong_accept" not in found
    assert found["transport.get_wrong_accept"].value == {
        "status": 406,
        "accept": ["text/html"],
        "media_type": "application/json",
        "body": REFUSED,
    }


@pytest.mark.parametrize(
    ("body", "subject"),
    [
        ([call(1, "ping")], "batch"),
        ([call(1, "ping"), call(2, "ping")], "batch"),
        ({"wiretape": True}, "no_message"),
        ({"jsonrpc": "2.0", "result": 1}, "no_message"),
        (None, "no_json"),
    ],
)
def test_a_body_that_is_no_message(body: Json, subject: str) -> None:
    why = failure(None, -32602, "x" * 2000)
    told = {"status": 400, "media_type": "application/json", "body": why}
    play = Play()
    session = Streamable(play, "s")
    play.answer(play.post(MCP, body, session.headers), why, status=400, headers=JSON)
    found = findings(play)
    assert found[f"transport.{subject}"].value == told
    assert "transport.missing_session" not in found

    legacy = Play()
    stream = Sse(legacy, "0f" * 32)
    legacy.answer(legacy.post(stream.url, body), why, status=400, headers=JSON)
    assert findings(legacy)[f"transport.message.{subject}"].value == told


def test_on_http_sse_a_content_type_may_be_refused() -> None:
    play = Play()
    stream = Sse(play, "0f" * 32)
    headers = {"content-type": "text/plain"}
    refuse(play, 400, text="Invalid Content-Type header", headers=headers, url=stream.url)
    told = findings(play)["transport.message.wrong_content_type"].value
    assert isinstance(told, dict)
    assert told["content_type"] == ["text/plain"]


def test_a_server_without_streams_and_without_sessions() -> None:
    play = Play()
    session = Streamable(play, None)
    play.answer(play.listen(MCP), status=405, headers={"allow": "POST"})
    play.answer(session.post(call(1, "tools/list")), result(1, tools=[]))
    found = findings(play)
    assert found["transport.get"].value == {"status": 405, "media_type": None, "body": None}
    assert found["transport.session_id.place"].value is None
    assert "transport.delete" not in found


def test_sessionless() -> None:
    play = Play()
    client = Sessionless(play, "new")
    play.answer(client.post(call(1, "tools/call", name="a")), result(1))
    missing = failure(2, -32601, "Method not found: no session")
    play.answer(client.post(call(2, "nothing")), missing, status=404)
    found = findings(play)
    assert found["transport.kinds"].value == ["sessionless"]
    assert "transport.session_id.place" not in found
    assert "transport.missing_session" not in found  # the method is, not the session


def test_both_transports_beside_each_other() -> None:
    play = Play()
    Sse(play, "a" * 40)
    Streamable(play, "s")
    found = findings(play)
    assert found["transport.kinds"].value == ["sse", "streamable"]
    assert found["transport.session_id.place"].value == "header, query"


def test_a_session_that_is_unknown_over_http_sse() -> None:
    play = Play()
    session = Sse(play, "a" * 40)
    refuse(play, 404, text="Could not find session", url=session.url[:-1] + "b")
    refuse(play, 400, text="session_id is required", url=f"{SSE}/message")
    found = findings(play)
    for case, status in (("unknown", 404), ("missing", 400)):
        answer = found[f"transport.message.{case}_session"].value
        assert isinstance(answer, dict)
        assert answer["status"] == status


@pytest.mark.parametrize("status", [401, 403, 307])
def test_what_is_asked_again_says_nothing_of_the_transport(status: int) -> None:
    play = Play()
    refuse(play, status, text="no", headers={"Mcp-Session-Id": "s"})
    assert not [id_ for id_ in findings(play) if id_.startswith("transport.")]


def test_an_answer_with_what_most_say_and_what_others_say() -> None:
    play = Play()
    Streamable(play, "s")
    for text in ("Session not found", "Session not found", "session expired"):
        refuse(play, 400 if "expired" in text else 404, text=text, headers={"Mcp-Session-Id": "g"})
    found = findings(play)["transport.unknown_session"]
    assert isinstance(found.value, dict)
    assert found.value["status"] == 404
    assert found.count == 2
    assert found.note is not None
    assert found.note.startswith("also seen: ")
    assert '"status":400' in found.note


def test_a_real_recording() -> None:
    found = findings(RECORDINGS / "mcp-atlassian.jsonl")
    assert found["transport.kinds"].value == ["streamable"]
    assert found["transport.delete"].value == {"status": 200, "media_type": "application/json"}
    assert not [id_ for id_ in found if id_.startswith("transport.message")]


def test_a_body_with_neither_text_nor_json() -> None:
    play = Play()
    play.answer(play.post(MCP, initialize()), initialized())
    play.answer(play.post(MCP, call(1, "tools/list"), {"Mcp-Session-Id": "x"}), status=404)
    found = findings(play)["transport.unknown_session"]
    assert found.value == {"status": 404, "media_type": None, "body": None}


def test_ways_in_which_calls_are_answered() -> None:
    play = Play()
    session = Streamable(play, "s")
    post = session.post(call(1, "tools/list"))
    play.stream(post)
    play.event(post, result(1, tools=[]))
    play.end(post)
    refuse(play, 400, json=failure(9, -32600))
    assert findings(play)["transport.ways"].value == {"body": 1, "stream": 1}
    old = Sse(play, "0f" * 32)
    old.say(call(1, "tools/list"))
    old.hear(result(1, tools=[]))
    old.hear(call(7, "ping"))
    old.say(result(7))
    found = findings(play)["transport.ways"]
    assert (found.value, found.count) == ({"body": 1, "sse": 2, "stream": 1}, 4)


def test_a_message_that_cannot_be_read_says_nothing_of_its_session() -> None:
    play = Play()
    session = Sse(play, "0f" * 32)
    refuse(play, 400, text="Could not parse message", url=session.url)
    assert "transport.message.unknown_session" not in findings(play)
    refuse(play, 400, text="Invalid session ID", url=session.url)
    unknown = findings(play)["transport.message.unknown_session"]
    assert unknown.value == {
        "status": 400,
        "media_type": "application/json",
        "body": "Invalid session ID",
    }


def test_the_other_spelling_of_a_slash_is_another_place() -> None:
    play = Play()
    for _ in range(2):
        refuse(play, 404, text="Not Found", url=f"{SSE}/")
    refuse(play, 404, text="Missing sessionId parameter", url=SSE)
    Sse(play, "0f" * 32)
    found = findings(play)
    assert found["transport.sse.post"].value == {
        "status": 404,
        "media_type": "application/json",
        "body": "Missing sessionId parameter",
    }
    assert found["transport.kinds"].value == ["sse"]
    assert not [id_ for id_ in found if id_.startswith(("endpoint.mcp", "headers.mcp"))]
