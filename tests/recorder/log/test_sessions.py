"""Sessions as plays. Answers say in `of` what they answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arbitrary import ENTRIES
from play import (
    Play,
    call,
    failure,
    initialize,
    initialized,
    note,
    progress,
    result,
)
from players import MCP, MODERN, SSE, Sessionless, Sse, Streamable
from wiretape.recorder.log.dialogue import Answered
from wiretape.recorder.log.exchanges import exchanges
from wiretape.recorder.log.jsonrpc import Failure, Result
from wiretape.recorder.log.raw import fields, text
from wiretape.recorder.log.reader import Line
from wiretape.recorder.log.records import Entry
from wiretape.recorder.log.sessions import Implementation, Session, sessions


def answer(item: Answered) -> str | None:
    """What the answer says it is of; of an error its message."""
    match item.answer.message if item.answer else None:
        case Result() as message:
            return text(fields(message.result).get("of"))
        case Failure() as message:
            return message.message
        case None:
            return None


def answers(calls: tuple[Answered, ...]) -> dict[str, str | None]:
    """The answers by method, all but initialize's."""
    return {
        item.call.message.method: answer(item)
        for item in calls
        if item.call.message.method != "initialize"
    }


def only(play: Play) -> Session:
    (session,) = play.sessions()
    return session


def test_a_streamable_session_is_what_carries_its_id() -> None:
    play = Play()
    session = Streamable(play, "s")
    play.answer(session.post(call(1, "tools/list")), result(1, of="list"))
    play.answer(play.request("DELETE", MCP, headers=session.headers), status=200)
    found = only(play)
    assert (found.number, found.id, found.transport) == (1, "s", "streamable")
    assert (found.endpoint, found.protocol) == (MCP, "2025-06-18")
    assert found.client == Implementation("client", "1")
    assert found.server == Implementation("server", "2")
    assert answers(found.calls) == {"tools/list": "list"}
    assert [item.message.method for item in found.notifications] == ["notifications/initialized"]
    assert [item.request.method for item in found.exchanges] == ["POST", "POST", "POST", "DELETE"]
    assert not found.unmatched


def test_answers_are_found_on_whatever_way_they_came() -> None:
    play = Play()
    session = Streamable(play, "s")
    in_body, in_stream, elsewhere = (
        session.post(call(number, way))
        for number, way in enumerate(["body", "own stream", "GET stream"], 1)
    )
    play.stream(in_stream)
    play.answer(elsewhere, status=202)
    stream = session.hear(result(3, of="GET stream"))
    play.event(in_stream, result(2, of="own stream"))
    play.answer(in_body, result(1, of="body"))
    found = only(play)
    assert answers(found.calls) == {way: way for way in ("body", "own stream", "GET stream")}
    assert [item.answer.place.exchange.number for item in found.calls[1:] if item.answer] == [
        in_body,
        in_stream,
        stream,
    ]


def test_evidence_is_exchange_line_time_and_event() -> None:
    play = Play()
    session = Streamable(play, "s")
    post = session.post(call(1, "x"))
    play.stream(post)
    play.event(post, note("notifications/message"))
    play.event(post, result(1, of="x"))
    item = only(play).calls[-1]
    assert item.answer is not None
    asked, answered = item.call.place, item.answer.place
    assert (asked.line, answered.line) == (len(play.records) - 2, len(play.records) + 1)
    assert (asked.event, answered.event) == (None, 1)
    assert answered.t - asked.t == pytest.approx(0.03)


@pytest.mark.parametrize("http", ["HTTP/1.1", "HTTP/2.0"])
def test_interleaved_sessions_with_the_same_ids_are_kept_apart(http: str) -> None:
    play = Play()
    on = {"HTTP/1.1": ("c1", "c2"), "HTTP/2.0": ("c1", "c1")}[http]
    a = Streamable(play, "a", on=on[0], http=http)
    b = Streamable(play, "b", on=on[1], http=http)
    from_a, from_b = a.post(call(1, "x")), b.post(call(1, "x"))
    a.say(call(2, "y"))
    b.say(call(2, "y"))
    b.hear(result(2, of="y of b"))
    play.answer(from_b, result(1, of="x of b"))
    a.hear(result(2, of="y of a"))
    play.answer(from_a, result(1, of="x of a"))
    assert [(found.id, answers(found.calls)) for found in play.sessions()] == [
        ("a", {"x": "x of a", "y": "y of a"}),
        ("b", {"x": "x of b", "y": "y of b"}),
    ]


def test_equal_session_ids_of_two_servers_are_two_sessions() -> None:
    play = Play()
    Streamable(play, "s")
    Streamable(play, "s", url="https://gateway.example.com/mcp")
    assert len(play.sessions()) == 2


def test_a_session_id_given_again_is_a_new_session() -> None:
    play = Play()
    Streamable(play, "s")
    Streamable(play, "s")
    assert [len(found.exchanges) for found in play.sessions()] == [2, 2]


def test_an_http_sse_session_is_its_stream_and_what_is_posted_where_it_says() -> None:
    play = Play()
    a, b = Sse(play, "aa", on="c1"), Sse(play, "bb", on="c2")
    a.say(call(1, "x"))
    b.say(call(1, "x"))
    b.hear(result(1, of="b"))
    a.hear(result(1, of="a"))
    first, second = play.sessions()
    assert (first.id, first.transport, first.protocol) == ("aa", "sse", "2024-11-05")
    assert answers(first.calls) == {"x": "a"}
    assert answers(second.calls) == {"x": "b"}
    assert [len(found.exchanges) for found in (first, second)] == [3, 3]


def test_the_endpoint_may_be_absolute_and_encoded_otherwise() -> None:
    play = Play()
    stream = play.listen(SSE)
    play.stream(stream)
    play.event(stream, event="endpoint", text="https://mcp.example.com:443/message?s=a%2Bb%7e")
    play.answer(play.post("https://mcp.example.com/message?s=a%2bb~", initialize()), status=202)
    play.event(stream, initialized())
    assert only(play).calls[0].answer is not None


def test_a_server_may_ask_and_the_client_answers_with_a_post() -> None:
    play = Play()
    session = Streamable(play, "s")
    session.hear(call(1, "roots/list"))
    post = session.post(call(1, "tools/call"))
    play.stream(post)
    play.event(post, call(2, "sampling/createMessage"))
    session.say(result(2, of="sampling"))
    session.say(failure(1, message="no roots"))
    play.event(post, result(1, of="tool"))
    session.hear(note("notifications/tools/list_changed"))
    found = only(play)
    assert answers(found.calls) == {"tools/call": "tool"}
    assert answers(found.server_calls) == {
        "roots/list": "no roots",
        "sampling/createMessage": "sampling",
    }
    assert [item.message.method for item in found.server_notifications] == [
        "notifications/tools/list_changed"
    ]
    assert not found.unmatched


def test_a_batch_is_answered_message_by_message_in_any_order() -> None:
    play = Play()
    session = Streamable(play, "s")
    post = session.post([call(1, "a"), note("notifications/x"), call(2, "b"), call(3, "c")])
    play.stream(post)
    play.event(post, [result(3, of="c"), result(1, of="a")])
    play.event(post, result(2, of="b"))
    found = only(play)
    assert answers(found.calls) == {"a": "a", "b": "b", "c": "c"}
    assert len(found.notifications) == 2


def test_progress_belongs_to_the_call_with_its_token() -> None:
    play = Play()
    a, b = Streamable(play, "a", on="c1"), Streamable(play, "b", on="c2")
    posts = [session.post(call(1, "slow", progress="t")) for session in (a, b)]
    for post in posts:
        play.stream(post)
    play.event(posts[0], progress("t", 1))
    play.event(posts[1], progress("t", 5))
    play.event(posts[0], progress("t", 2))
    play.event(posts[0], progress("unknown", 9))
    first, second = play.sessions()
    values = [fields(said.message.params)["progress"] for said in first.calls[1].progress]
    assert [bytes(value) for value in values] == [b"1", b"2"]
    assert len(second.calls[1].progress) == 1
    assert len(first.server_notifications) == 1


def test_progress_of_a_call_over_http_sse_comes_on_the_stream() -> None:
    play = Play()
    session = Sse(play, "x")
    session.say(call(1, "slow", progress=1))
    session.say(call(2, "slower", progress=2))
    session.hear(progress(2))
    session.hear(progress(1))
    session.hear(progress(2))
    assert [len(item.progress) for item in only(play).calls] == [0, 1, 2]


def test_sessionless_requests_are_grouped_by_client_and_token() -> None:
    play = Play()
    clients = {
        (token, name): Sessionless(play, name, token, on="pool") for token in "tu" for name in "ab"
    }
    server = {"io.modelcontextprotocol/serverInfo": {"name": "server"}}
    for number, who in enumerate([("t", "a"), ("t", "b"), ("u", "a"), ("t", "a")]):
        post = clients[who].post(call(1, f"x{number}"))
        play.answer(post, result(1, of="".join(who), _meta=server))
    found = play.sessions()
    assert [answers(session.calls) for session in found] == [
        {"x0": "ta", "x3": "ta"},
        {"x1": "tb"},
        {"x2": "ua"},
    ]
    assert {session.transport for session in found} == {"sessionless"}
    assert {session.protocol for session in found} == {"2026-07-28"}
    assert found[1].client == Implementation("b", "1")
    assert found[1].server == Implementation("server")


def test_sessionless_calls_at_once_with_the_same_id_are_answered_each_by_its_own_response() -> None:
    play = Play()
    one, two = (play.post(MCP, call(1, name), MODERN) for name in ("one", "two"))
    play.stream(two)
    play.event(two, result(1, of="two"))
    play.answer(one, result(1, of="one"))
    found = only(play)
    assert answers(found.calls) == {"one": "one", "two": "two"}


def test_a_server_without_session_ids_is_told_apart_by_connection() -> None:
    play = Play()
    a, b = Streamable(play, None, on="c1"), Streamable(play, None, on="c2")
    play.answer(b.post(call(1, "x")), result(1, of="b"))
    play.answer(a.post(call(1, "x")), result(1, of="a"))
    first, second = play.sessions()
    assert first.id is None
    assert (answers(first.calls), answers(second.calls)) == ({"x": "a"}, {"x": "b"})


def test_a_server_without_session_ids_is_told_apart_by_token_on_a_shared_connection() -> None:
    play = Play()
    posts = []
    for token in "ab":
        headers = {"Authorization": f"Bearer {token}"}
        play.answer(play.post(MCP, initialize(), headers), initialized())
        posts.append((token, headers))
    for token, headers in posts:
        play.answer(play.post(MCP, call(1, "x"), headers), result(1, of=token))
    assert [answers(found.calls) for found in play.sessions()] == [{"x": "a"}, {"x": "b"}]


def test_a_new_connection_of_a_client_goes_on_with_its_session() -> None:
    play = Play()
    Streamable(play, None, on="c1")
    play.answer(play.post(MCP, call(1, "x"), on="c2"), result(1, of="x"))
    assert answers(only(play).calls) == {"x": "x"}


def test_what_was_tried_before_belongs_to_the_session_that_came_of_it() -> None:
    play = Play()
    play.answer(play.post(MCP, call(0, "server/discover"), MODERN), failure(0), status=400)
    play.answer(play.post(MCP, initialize(1)), {"error": "invalid_token"}, status=401)
    Streamable(play, "s")
    found = only(play)
    assert (found.id, len(found.exchanges)) == ("s", 4)
    assert [item.answer is None for item in found.calls] == [False, True, False]
    assert not found.malformed


def test_a_client_that_falls_back_to_http_sse_takes_its_attempt_along() -> None:
    play = Play()
    play.answer(play.post(SSE, initialize()), status=404, text="Missing sessionId parameter")
    play.answer(play.listen(SSE), status=401)
    Sse(play, "x")
    found = only(play)
    assert (found.transport, len(found.exchanges)) == ("sse", 4)


def test_attempts_of_two_like_clients_are_told_apart_by_connection() -> None:
    play = Play()
    for on in ("c1", "c2"):
        play.answer(play.post(MCP, initialize(), on=on), status=401)
    Streamable(play, "b", on="c2")
    Streamable(play, "a", on="c1")
    assert [(found.id, len(found.exchanges)) for found in play.sessions()] == [("a", 3), ("b", 3)]


def test_attempts_that_led_nowhere_are_a_session_without_transport() -> None:
    play = Play()
    for _ in range(2):
        play.answer(play.post(MCP, initialize()), status=400)
    play.fail(play.post(MCP, initialize()))
    found = only(play)
    assert (found.transport, found.id, len(found.calls)) == (None, None, 3)


def test_a_recording_begun_in_the_middle_still_has_its_sessions() -> None:
    play = Play()
    for name in "ab":
        headers = {"mcp-session-id": name, "mcp-protocol-version": "2025-06-18"}
        play.answer(play.post(MCP, call(7, "x"), headers), result(7, of=name))
    assert [(found.id, found.protocol, answers(found.calls)) for found in play.sessions()] == [
        ("a", "2025-06-18", {"x": "a"}),
        ("b", "2025-06-18", {"x": "b"}),
    ]


def test_a_redirected_call_is_one_call() -> None:
    play = Play()
    first = play.post(f"{MCP}/", initialize())
    play.answer(first, status=307, headers={"Location": MCP})
    second = play.post(MCP, initialize(), cause=first)
    play.answer(second, initialized(), headers={"Mcp-Session-Id": "s"})
    found = only(play)
    assert [item.number for item in found.exchanges] == [first, second]
    (item,) = found.calls
    assert item.call.place.exchange.number == second
    assert item.answer is not None


def test_a_redirect_that_lost_the_message_leaves_the_call_unanswered() -> None:
    play = Play()
    first = play.post(f"{MCP}/", initialize())
    play.answer(first, status=301, headers={"Location": MCP})
    play.answer(play.request("GET", MCP, cause=first), failure("server-error"), status=400)
    found = only(play)
    assert len(found.exchanges) == 2
    (item,) = found.calls
    assert answer(item) == "no"


@pytest.mark.parametrize("number", [None, "server-error"])
def test_a_refusal_with_an_id_of_the_servers_own_answers_the_only_call(number: str | None) -> None:
    play = Play()
    session = Streamable(play, "s")
    play.answer(session.post(call(4, "x")), failure(number, message="Not Acceptable"), status=406)
    assert answers(only(play).calls) == {"x": "Not Acceptable"}


def test_a_call_refused_by_http_does_not_take_the_answer_to_its_retry() -> None:
    play = Play()
    session = Sse(play, "x")
    play.answer(session.post(call(1, "x")), {"error": "invalid_token"}, status=401)
    retried = session.say(call(1, "x"))
    session.hear(result(1, of="x"))
    refused, answered = only(play).calls[1:]
    assert (answer(refused), answer(answered)) == (None, "x")
    assert answered.call.place.exchange.number == retried


def test_an_answer_to_nothing_is_unmatched() -> None:
    play = Play()
    session = Streamable(play, "s")
    play.answer(session.post(call(1, "x")), result("1", of="text"))
    session.hear(result(8, of="nothing"))
    found = only(play)
    assert answers(found.calls) == {"x": None}
    assert [item.message.id for item in found.unmatched] == ["1", 8]


def test_what_is_no_message_is_kept_as_malformed() -> None:
    play = Play()
    session = Streamable(play, "s")
    play.answer(session.post(call(1, "x")), {"jsonrpc": "2.0"})
    (malformed,) = only(play).malformed
    assert malformed.place.by == "server"


def test_what_is_not_mcp_is_in_no_session() -> None:
    play = Play()
    play.answer(play.request("GET", "https://mcp.example.com/"), text="hello")
    play.answer(play.request("POST", "https://mcp.example.com/api", json={"a": 1}), {"b": 2})
    feed = play.listen("https://mcp.example.com/feed")
    play.stream(feed)
    play.event(feed, {"price": 1})
    assert play.sessions() == ()


def test_an_unfinished_exchange_is_part_of_its_session() -> None:
    play = Play()
    session = Streamable(play, "s")
    session.post(call(1, "x"))
    session.hear(note("x"))
    assert len(only(play).exchanges) == 4
    assert answers(only(play).calls) == {"x": None}


@given(st.lists(ENTRIES, max_size=40))
def test_no_sequence_of_valid_records_raises_and_nothing_is_in_two_sessions(
    records: list[Entry],
) -> None:
    lines = [Line(number, record) for number, record in enumerate(records, 2)]
    found = sessions(exchanges(lines))
    numbers = [item.lines.request for session in found for item in session.exchanges]
    assert len(numbers) == len(set(numbers))
    for session in found:
        assert session.exchanges
        for item in (*session.calls, *session.server_calls):
            if item.answer is not None:
                assert item.answer.place.by != item.call.place.by


def test_a_session_begun_without_a_token_goes_on_only_with_the_first_token_used() -> None:
    play = Play()
    play.answer(play.post(MCP, initialize()), initialized())
    for token in "ab":
        post = play.post(MCP, call(1, "x"), {"Authorization": f"Bearer {token}"})
        play.answer(post, result(1, of=token))
    assert [answers(found.calls) for found in play.sessions()] == [{"x": "a"}, {"x": "b"}]


def test_an_attempt_belongs_to_the_session_after_it_not_to_one_before() -> None:
    play = Play()
    Streamable(play, "a")
    play.answer(play.post(MCP, initialize()), status=401)
    Streamable(play, "b")
    assert [(found.id, len(found.exchanges)) for found in play.sessions()] == [("a", 2), ("b", 3)]


def test_progress_on_a_calls_own_stream_is_its_own_whatever_the_token() -> None:
    play = Play()
    client = Sessionless(play, "a")
    one, two = (client.post(call(1, name, progress="t")) for name in ("one", "two"))
    play.stream(one)
    play.stream(two)
    play.event(one, progress("t"))
    assert [len(item.progress) for item in only(play).calls] == [1, 0]


@pytest.mark.parametrize("moved", ["before", "after"])
def test_a_redirected_post_over_http_sse_is_part_of_its_session(moved: str) -> None:
    play = Play()
    session = Sse(play, "x")
    elsewhere = "https://mcp.example.com/elsewhere"
    urls = [session.url, elsewhere] if moved == "after" else [elsewhere, session.url]
    first = play.post(urls[0], call(1, "x"))
    play.answer(first, status=307, headers={"Location": urls[1]})
    play.answer(play.post(urls[1], call(1, "x"), cause=first), status=202)
    session.hear(result(1, of="x"))
    assert answers(only(play).calls) == {"x": "x"}
