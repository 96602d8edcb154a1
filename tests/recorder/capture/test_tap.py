"""A tap: from what passes, in the order in which it passes, to records."""

import gzip
import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stage import Stage, answer, get, post, respond
from wiretape.recorder.log.records import End, Error, Event, Gap, Request, Response


def test_an_exchange_is_a_request_a_response_and_an_end():
    stage = Stage()
    tap = stage.tap()
    post(tap, b'{"jsonrpc": "2.0",\n "id": 1, "method": "ping"}', content_type="application/json")
    stage.t = 0.25
    answer(tap, b'{"jsonrpc": "2.0", "id": 1, "result": {}}', content_type="application/json")

    request, response, end = stage.records
    assert isinstance(request, Request)
    assert isinstance(response, Response)
    assert request.exchange == response.exchange == 1
    assert request.body
    assert bytes(request.body.json) == b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
    assert request.body.size == 46
    assert (request.t, response.t) == (0, 0.25)
    assert (response.upstream, response.stream) == ("s1", False)
    assert isinstance(end, End)
    assert end.how == "complete"


def test_header_names_order_and_duplicates_are_kept():
    stage = Stage()
    tap = stage.tap()
    headers = [(b"Accept", b"a"), (b"accept", b"b"), (b"X-\xe9", b"\xff")]
    tap.request_head(method="GET", url="http://a/", http="HTTP/1.1", headers=headers)
    tap.request_end()
    (request,) = stage.records
    assert isinstance(request, Request)
    assert request.headers == (("Accept", "a"), ("accept", "b"), ("X-é", "ÿ"))


def test_a_request_without_body_has_none():
    stage = Stage()
    get(stage.tap())
    (request,) = stage.records
    assert isinstance(request, Request)
    assert request.body is None


def test_events_are_written_as_they_pass_with_their_times():
    stage = Stage()
    tap = stage.tap()
    get(tap)
    respond(tap, content_type="text/event-stream")
    assert stage.kinds == ["Request", "Response"]
    stage.t = 1.0
    tap.response_data(b'event: message\nid: 1\ndata: {"a"')
    assert stage.kinds == ["Request", "Response"]
    stage.t = 2.0
    tap.response_data(b": 1}\n\n: keep-alive\n\n")
    stage.t = 3.0
    tap.response_end()

    event, end = stage.records[2:]
    assert isinstance(event, Event)
    assert (event.index, event.event, event.id, event.t) == (0, "message", "1", 2.0)
    assert event.data
    assert bytes(event.data.json) == b'{"a":1}'
    assert isinstance(end, End)
    assert (end.events, end.comments) == (1, 1)


@pytest.mark.parametrize("how", ["client abort", "server abort"])
def test_a_stream_that_breaks_off_keeps_what_there_was_of_an_event(how: str):
    stage = Stage()
    tap = stage.tap()
    get(tap)
    respond(tap, content_type="text/event-stream")
    tap.response_data(b"data: one\n\ndata: tw")
    tap.aborted(how, "connection lost")
    one, two, end = stage.records[2:]
    assert isinstance(one, Event)
    assert isinstance(two, Event)
    assert (one.incomplete, two.incomplete) == (False, True)
    assert two.data
    assert two.data.text == "tw"
    assert isinstance(end, End)
    assert (end.how, end.detail) == (how, "connection lost")


def test_a_compressed_stream_is_read_as_it_comes():
    stage = Stage()
    tap = stage.tap()
    get(tap)
    respond(tap, content_type="text/event-stream", content_encoding="gzip")
    compress = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    tap.response_data(compress.compress(b"data: x\n\n") + compress.flush(zlib.Z_SYNC_FLUSH))
    assert stage.kinds[2:] == ["Event"]


def test_a_stream_that_cannot_be_decoded_leaves_a_gap_and_one_response():
    stage = Stage()
    tap = stage.tap()
    get(tap)
    respond(tap, content_type="text/event-stream", content_encoding="gzip")
    tap.response_data(b"this is no gzip")
    tap.response_data(b"nor is this")
    tap.response_end()
    assert stage.kinds == ["Request", "Response", "Gap", "End"]
    gap = stage.records[2]
    assert isinstance(gap, Gap)
    assert gap.exchange == 1


def test_accepted_with_the_type_of_a_stream_is_a_body():
    stage = Stage()
    tap = stage.tap()
    post(tap, b"{}")
    answer(tap, b"Accepted", status=202, content_type="text/event-stream")
    response = stage.records[1]
    assert isinstance(response, Response)
    assert response.body
    assert response.body.text == "Accepted"


def test_a_failure_without_response_is_an_error():
    stage = Stage()
    tap = stage.tap()
    get(tap)
    tap.failed("dns", "Name or service not known", "mcp.example:443")
    error = stage.records[1]
    assert stage.kinds == ["Request", "Error"]
    assert isinstance(error, Error)
    assert (error.kind, error.peer) == ("dns", "mcp.example:443")


def test_an_answer_before_the_whole_request_waits_for_it():
    stage = Stage()
    tap = stage.tap()
    tap.request_head(method="POST", url="http://a/", http="HTTP/1.1", headers=[])
    tap.request_data(b"first ")
    answer(tap, b"too much", status=413)
    assert stage.kinds == []
    tap.request_data(b"second")
    tap.request_end()
    assert stage.kinds == ["Request", "Response", "End"]
    request = stage.records[0]
    assert isinstance(request, Request)
    assert request.body
    assert request.body.text == "first second"


def test_a_request_that_breaks_off_is_written_as_far_as_it_came():
    stage = Stage()
    tap = stage.tap()
    tap.request_head(method="POST", url="http://a/", http="HTTP/1.1", headers=[])
    tap.request_data(b"half a req")
    tap.aborted("client abort", "gone")
    assert stage.kinds == ["Request", "End"]


def test_a_request_that_breaks_off_after_its_answer_is_written_with_it():
    stage = Stage()
    tap = stage.tap()
    tap.request_head(method="POST", url="http://a/", http="HTTP/1.1", headers=[])
    tap.request_data(b"half a req")
    answer(tap, b"too much", status=413)
    tap.aborted("client abort", "gone")
    request, response, end = stage.records
    assert isinstance(request, Request)
    assert isinstance(response, Response)
    assert isinstance(end, End)
    assert end.how == "client abort"


def test_nothing_is_written_twice():
    stage = Stage()
    tap = stage.tap()
    get(tap)
    answer(tap)
    tap.response_end()
    tap.aborted("server abort", "late")
    tap.failed("tls", "later")
    assert stage.kinds == ["Request", "Response", "End"]


def test_a_redirect_is_linked_to_what_it_caused():
    stage = Stage()
    first, second, third = stage.tap(), stage.tap(), stage.tap()
    get(first, "https://mcp.example/mcp")
    answer(first, status=307, Location="http://mcp.example/mcp/")
    get(second, "http://mcp.example/mcp/")
    answer(second, status=301, Location="https://mcp.example:443/mcp/#x")
    get(third, "https://mcp.example/mcp/")
    get(stage.tap(), "https://mcp.example/mcp/")
    requests = [record for record in stage.records if isinstance(record, Request)]
    assert [request.cause for request in requests] == [None, 1, 2, None]


def test_a_bomb_is_decoded_no_further_than_is_kept():
    stage = Stage(max_body=1000)
    tap = stage.tap()
    get(tap)
    bomb = gzip.compress(bytes(50_000_000))
    answer(tap, bomb, content_encoding="gzip", content_type="application/octet-stream")
    response = stage.records[1]
    assert isinstance(response, Response)
    assert response.body
    assert response.body.cut
    assert len(response.body.data()) == 1000
    assert response.body.size == len(bomb)


def test_a_bomb_in_a_stream_is_given_up():
    stage = Stage()
    tap = stage.tap()
    get(tap)
    respond(tap, content_type="text/event-stream", content_encoding="gzip")
    pack = zlib.compressobj(wbits=31)
    tap.response_data(pack.compress(b"data: 1\n\n") + pack.flush(zlib.Z_SYNC_FLUSH))
    tap.response_data(pack.compress(bytes(50_000_000)) + pack.flush(zlib.Z_SYNC_FLUSH))
    tap.response_data(pack.compress(b"\n\ndata: 2\n\n") + pack.flush())
    tap.response_end()
    assert stage.kinds == ["Request", "Response", "Event", "Gap", "End"]
    gap = stage.records[3]
    assert isinstance(gap, Gap)
    assert "16 MiB" in gap.reason


@given(st.binary(max_size=3000), st.integers(1, 700))
def test_chunks_do_not_change_a_body(body: bytes, size: int):
    records = []
    for step in (size, len(body) or 1):
        stage = Stage(max_body=1000)
        tap = stage.tap()
        get(tap)
        respond(tap)
        for start in range(0, len(body), step):
            tap.response_data(body[start : start + step])
        tap.response_end()
        records.append(stage.records)
    assert records[0] == records[1]


def test_what_a_body_shows_to_be_secret_is_hidden_in_the_head_before_it():
    secret = "kT4vQ9xZ2mNb7LpW3sYcRf8Hd1Gj6uAe"
    shown = b'{"access_token": "' + secret.encode() + b'"}'
    stage = Stage()
    tap = stage.tap()
    tap.request_head(
        method="POST",
        url=f"https://mcp.example/debug/{secret}",
        http="HTTP/1.1",
        headers=[(b"X-Debug", b"saw " + secret.encode())],
    )
    tap.request_data(shown)
    tap.request_end()
    answer(tap)
    other = stage.tap()
    get(other, "https://mcp.example/token")
    answer(other, shown.replace(b"kT4v", b"Xy2z"), x_debug=f"gave {secret.replace('kT4v', 'Xy2z')}")
    for record in stage.records:
        assert b"Q9xZ2mNb7LpW3sYcRf8Hd1Gj6uAe" not in msgspec.json.encode(record)
