import gzip
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imports import Imported
from mitmproxy import flow, http
from mitmproxy.io import FlowWriter, tnetstring
from mitmproxy.test import tflow

from wiretape.recorder.errors import BadInputError
from wiretape.recorder.importing.flows import MAX_FLOW, FlowFile

START = 1_756_433_350.217


def saved(*flows: flow.Flow) -> bytes:
    file = io.BytesIO()
    writer = FlowWriter(file)
    for one in flows:
        writer.add(one)
    return file.getvalue()


def imported(folder: Path, *flows: flow.Flow) -> Imported:
    return Imported(FlowFile(io.BytesIO(saved(*flows)), "a.flows"), folder)


def exchange(
    start: float = 0.0,
    end: float = 1.0,
    *,
    url: str = "https://mcp.example.com/mcp",
    status: int = 200,
    headers: dict[str, str] | None = None,
    content: bytes | None = b"",
) -> http.HTTPFlow:
    """A flow of which the response's head came in the middle."""
    found = tflow.tflow(resp=True)
    found.request = http.Request.make(
        "POST", url, b'{"id": 1}', {"content-type": "application/json"}
    )
    found.request.timestamp_start = START + start
    found.request.timestamp_end = START + start
    found.response = http.Response.make(status, b"", headers or {})
    found.response.raw_content = content
    found.response.timestamp_start = START + (start + end) / 2
    found.response.timestamp_end = START + end
    return found


def test_a_flow_becomes_an_exchange_at_its_times(tmp_path: Path) -> None:
    one = exchange(
        status=404,
        headers={"Content-Type": "text/plain", "content-encoding": "gzip"},
        content=gzip.compress(b"gone"),
    )
    one.request.headers["Proxy-Connection"] = "keep-alive"
    one.response.headers = http.Headers(
        [(b"Content-Type", b"text/plain"), (b"CONTENT-ENCODING", b"gzip"), (b"x", b"\xe9")]
    )
    found = imported(tmp_path, one)
    (request,), (response,), (end,) = found.requests, found.responses, found.ends
    assert found.opening.mode == "mitmproxy"
    assert found.opening.start.timestamp() == pytest.approx(START)
    assert (request.method, request.url) == ("POST", "https://mcp.example.com/mcp")
    assert [name for name, _ in request.headers] == ["content-type", "content-length"]
    assert request.body is not None
    assert request.body.data() == b'{"id":1}'
    assert (response.status, response.t) == (404, pytest.approx(0.5))
    assert response.headers[1:] == (("CONTENT-ENCODING", "gzip"), ("x", "é"))
    assert (request.connection, response.connection, response.upstream) == ("c1", "c1", "s1")
    assert response.body is not None
    assert (response.body.text, response.body.encoding) == ("gone", "gzip")
    assert response.body.size == len(gzip.compress(b"gone"))
    assert (end.how, end.t) == ("complete", pytest.approx(1.0))


def test_flows_are_played_in_the_order_of_time(tmp_path: Path) -> None:
    redirect = exchange(1, 2, status=307, headers={"location": "/mcp/"})
    target = exchange(3, 4, url="https://mcp.example.com/mcp/")
    stream = exchange(
        0, 5, headers={"content-type": "text/event-stream"}, content=b"data: 1\n\ndata: 2\n\n"
    )
    found = imported(tmp_path, redirect, target, stream)
    assert [(request.exchange, request.t) for request in found.requests] == [
        (1, 0.0),
        (2, pytest.approx(1)),
        (3, pytest.approx(3)),
    ]
    assert found.requests[2].cause == 2
    assert [(event.index, event.t) for event in found.events] == [
        (0, pytest.approx(5)),
        (1, pytest.approx(5)),
    ]
    assert [end.exchange for end in found.ends] == [2, 3, 1]


def test_trailers_are_kept(tmp_path: Path) -> None:
    one = exchange()
    assert one.response is not None
    one.response.trailers = http.Headers([(b"grpc-status", b"0")])
    assert imported(tmp_path, one).responses[0].trailers == (("grpc-status", "0"),)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("[Errno -5] No address associated with hostname", "dns"),
        ("[Errno 111] Connect call failed ('127.0.0.1', 1)", "connect"),
        ("Certificate verify failed: self-signed certificate", "tls"),
        ("Received malformed headers", "protocol"),
    ],
)
def test_a_flow_without_a_response_is_an_error(tmp_path: Path, words: str, kind: str) -> None:
    one = exchange()
    one.response, one.error = None, flow.Error(words, START + 3)
    (error,) = imported(tmp_path, one).errors
    assert (error.kind, error.detail, error.peer, error.t) == (
        kind,
        words,
        "mcp.example.com:443",
        pytest.approx(3),
    )


def test_who_broke_off_is_told(tmp_path: Path) -> None:
    client, server, unfinished = exchange(), exchange(), exchange()
    client.error = flow.Error("Client disconnected.", START + 1)
    server.error = flow.Error("server closed connection", START + 1)
    unfinished.response = None
    found = imported(tmp_path, client, server, unfinished)
    assert sorted((end.exchange, end.how) for end in found.ends) == [
        (1, "client abort"),
        (2, "server abort"),
        (3, "error"),
    ]


def test_what_the_file_does_not_hold_is_a_gap(tmp_path: Path) -> None:
    streamed = exchange(content=None)
    streamed.request.raw_content = None
    found = imported(
        tmp_path,
        streamed,
        exchange(status=204, content=None),
        tflow.twebsocketflow(),
        tflow.ttcpflow(),
        tflow.tdnsflow(),
    )
    assert sorted(found.gaps) == [
        "WebSocket messages are not recorded",
        "mitmproxy did not keep the body of a request",
        "mitmproxy did not keep the body of a response",
        "what is not HTTP",
    ]


def test_bytes_that_are_no_text_do_not_cost_the_record(tmp_path: Path) -> None:
    one = exchange()
    assert one.response is not None
    one.request.data.path = b"/\xff"
    one.request.data.method = one.request.data.http_version = b"\xff"
    one.response.data.reason = one.response.data.http_version = b"\x80"
    found = imported(tmp_path, one)
    (request,), (response,) = found.requests, found.responses
    assert (request.url, request.method, request.http) == ("https://mcp.example.com/?", "?", "?")
    assert (response.http, response.reason) == ("?", "\x80")


def test_what_stands_before_damage_is_kept(tmp_path: Path) -> None:
    whole = saved(exchange())
    file = FlowFile(io.BytesIO(whole + saved(exchange())[:-100]), "a.flows")
    assert file.damage is not None
    assert file.damage.startswith(f"no flow at byte {len(whole)}: ")
    found = Imported(file, tmp_path)
    assert len(found.requests) == 1
    assert found.gaps[-1] == f"the rest of the file: {file.damage}"


def dumped(value: Any) -> bytes:
    return bytes(tnetstring.dumps(value))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "no HTTP exchange in this flow file"),
        (saved(tflow.ttcpflow()), "no HTTP exchange in this flow file"),
        (b"hello", "no flow at byte 0: not mitmproxy's format"),
        (b"\xff:x", "no flow at byte 0: not mitmproxy's format"),
        (b"%d:" % (MAX_FLOW + 1), "bytes are more than a flow may have"),
        (b"10:x", "no flow at byte 0: "),
        (dumped([1]), "no flow at byte 0: "),
        (dumped({"version": 21, "type": "http"}), "no flow at byte 0: "),
        (dumped({"version": 10**9}), "no flow at byte 0: "),
        (dumped(exchange().get_state() | {"request": None}), "no flow at byte 0: "),
    ],
)
def test_what_is_no_flow_file_is_said_in_one_line(content: bytes, what: str) -> None:
    with pytest.raises(BadInputError, match=what) as caught:
        FlowFile(io.BytesIO(content), "a.flows")
    assert str(caught.value).startswith("a.flows: ")
    assert "\n" not in str(caught.value)


_VALUES: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.binary(max_size=4)
    | st.text(max_size=4)
    | st.just([])
    | st.just([[b"a", 1]])
    | st.just({})
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    part=st.sampled_from(["request", "response", "error", "client_conn", "server_conn", None]),
    data=st.data(),
)
def test_whatever_stands_in_a_flow_it_is_imported_or_refused(
    tmp_path_factory: pytest.TempPathFactory, part: str | None, data: st.DataObject
) -> None:
    one = exchange(headers={"content-type": "text/event-stream"}, content=b"data: 1\n\n")
    one.error = flow.Error("Client disconnected.", START + 1)
    state: Any = one.get_state()
    place = state[part] if part else state
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(_VALUES)
    try:
        file = FlowFile(io.BytesIO(dumped(state)), "a.flows")
    except BadInputError:
        return
    Imported(file, tmp_path_factory.mktemp("any"))


@given(cut=st.integers(0, len(saved(exchange()))))
@settings(deadline=None)
def test_wherever_a_file_is_cut_it_is_damaged_or_refused(cut: int) -> None:
    whole = saved(exchange())
    first = len(whole)
    file = FlowFile(io.BytesIO(whole + whole[:cut]), "a.flows")
    assert (file.damage is None) == (cut in (0, first))
