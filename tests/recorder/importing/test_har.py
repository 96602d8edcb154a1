import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imports import Imported, har, har_entry, headers
from mitmproxy.addons.savehar import SaveHar
from mitmproxy.test import tflow

from wiretape.recorder.errors import BadInputError
from wiretape.recorder.importing.har import HarFile

START = datetime(2025, 8, 29, 2, 9, 10, 217_000, tzinfo=UTC)
JSON = headers(content_type="application/json")
STREAM = headers(content_type="Text/Event-Stream")


def source(folder: Path, content: Any) -> HarFile:
    path = folder / "in.har"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return HarFile(path)


def imported(folder: Path, *entries: Any) -> Imported:
    return Imported(source(folder, har(*entries)), folder / "out")


def test_an_entry_becomes_an_exchange_at_its_times(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        har_entry(
            start="2025-08-29T04:09:10.217+02:00",
            request={
                "method": "POST",
                "url": "https://mcp.example.com/mcp?a=1",
                "headers": [*JSON, *headers(X_Twice="1"), *headers(X_Twice="2")],
                "postData": {"mimeType": "application/json", "text": '{ "id": 1 }'},
                "bodySize": 11,
            },
            response={
                "status": 404,
                "statusText": "Not Found",
                "headers": headers(Content_Type="text/plain"),
                "content": {"size": 4, "mimeType": "text/plain", "text": "gone"},
                "bodySize": 4,
            },
            timings={"blocked": -1, "dns": 5, "connect": 15, "send": 0, "wait": 50, "receive": 30},
        ),
    )
    (request,), (response,), (end,) = found.requests, found.responses, found.ends
    assert found.opening.mode == "har"
    assert found.opening.start == request.at == START
    assert (request.exchange, request.method, request.http) == (1, "POST", "HTTP/1.1")
    assert request.url == "https://mcp.example.com/mcp?a=1"
    assert [value for name, value in request.headers if name == "X-Twice"] == ["1", "2"]
    assert request.body is not None
    assert (request.body.data(), request.body.size) == (b'{"id":1}', 11)
    assert (response.status, response.reason) == (404, "Not Found")
    assert response.t == pytest.approx(0.07)
    assert response.body is not None
    assert response.body.text == "gone"
    assert (end.how, end.t) == ("complete", pytest.approx(0.1))
    assert "a browser" in (found.note or "")


def test_a_body_that_is_decoded_already_is_not_decoded_again(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        har_entry(
            response={
                "headers": [*JSON, *headers(Content_Encoding="br")],
                "content": {"size": 12, "mimeType": "", "text": '{"a": "b\\u00fc"}'},
                "bodySize": 9,
            }
        ),
    )
    body = found.responses[0].body
    assert body is not None
    assert body.data() == b'{"a":"b\\u00fc"}'
    assert (body.encoding, body.size, body.undecoded) == ("br", 9, None)


def test_an_encoded_stream_is_not_decoded_again(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        har_entry(
            response={
                "headers": [*STREAM, *headers(Content_Encoding="gzip")],
                "content": {"text": "data: 1\n\n"},
            }
        ),
    )
    assert [event.data and event.data.data() for event in found.events] == [b"1"]


def test_bytes_come_back_from_base64_and_from_a_charset(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        har_entry(
            response={
                "headers": headers(content_type="image/png"),
                "content": {"text": "iVBORw0KGgo=", "encoding": "base64"},
            }
        ),
        har_entry(
            response={
                "headers": headers(content_type="text/plain; charset=ISO-8859-1"),
                "content": {"text": "Grüße"},
            }
        ),
    )
    png, text = (response.body for response in found.responses)
    assert png is not None
    assert text is not None
    assert (png.base64, png.size) == ("iVBORw0KGgo=", 8)
    assert (text.text, text.size) == ("Grüße", 5)


def test_what_http_2_and_chromium_make_of_headers_is_undone(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        har_entry(
            connection="4711",
            request={
                "httpVersion": "http/2.0",
                "headers": [*headers(accept="*/*"), {"name": ":authority", "value": "x"}],
            },
            response={
                "httpVersion": "h3",
                "headers": [*headers(a="Grüße", b="1\n2", c="☃")],
            },
        ),
    )
    (request,), (response,) = found.requests, found.responses
    assert (request.http, request.headers) == ("HTTP/2.0", (("accept", "*/*"),))
    assert request.connection == "c1"
    assert response.http == "HTTP/3"
    assert response.headers == (
        ("a", "Grüße"),
        ("b", "1"),
        ("b", "2"),
        ("c", "☃".encode().decode("latin-1")),
    )


def test_exchanges_are_played_in_the_order_of_time(tmp_path: Path) -> None:
    redirect = har_entry(
        start="2025-08-29T02:09:11Z",
        request={"url": "https://a.example.com/mcp/"},
        response={"status": 307, "headers": headers(Location="/mcp")},
    )
    target = har_entry(
        start="2025-08-29T02:09:11.100Z", request={"url": "https://a.example.com/mcp"}
    )
    stream = har_entry(
        start="2025-08-29T02:09:10Z",
        time=60_000,
        response={"headers": STREAM, "content": {"text": "data: 1\n\ndata: 2\n\n"}},
    )
    found = imported(tmp_path, target, redirect, stream)
    assert [(request.exchange, request.t) for request in found.requests] == [
        (1, 0.0),
        (2, 1.0),
        (3, pytest.approx(1.1)),
    ]
    assert found.requests[2].cause == 2
    assert [(end.exchange, end.t) for end in found.ends] == [
        (2, pytest.approx(1.1)),
        (3, pytest.approx(1.2)),
        (1, 60.0),
    ]
    assert [(event.exchange, event.t) for event in found.events] == [(1, 60.0)] * 2


@pytest.mark.parametrize(
    ("content", "messages", "events"),
    [
        # Whole stream, without times: they passed by the time of its end.
        ("event: e\r\ndata: 1\r\n\r\n:\ndata: 2\n\n", [], [("e", b"1", 0.1), (None, b"2", 0.1)]),
        (
            "id: 7\ndata: 1\n\n: alive\n\ndata: 2\n\ndata: 3",
            [(0.06, "1"), (0.08, "2")],
            [(None, b"1", 0.06), (None, b"2", 0.08), (None, b"3", 0.1)],
        ),
        (None, [(0.07, "1\n2"), (0.09, "3")], [("e", b"1\n2", 0.07), ("e", b"3", 0.09)]),
        # Messages that are not those of the stream say nothing about its times.
        ("data: 1\n\n", [(0.06, "1"), (0.08, "2")], [(None, b"1", 0.1)]),
    ],
)
def test_events_have_their_times_if_the_file_tells_them(
    tmp_path: Path, content: str | None, messages: list[Any], events: list[Any]
) -> None:
    found = imported(
        tmp_path,
        har_entry(
            response={"headers": STREAM, "content": {"text": content, "size": 9}},
            _eventSourceMessages=[
                {"time": (START + timedelta(seconds=t)).timestamp(), "data": data, "eventName": "e"}
                for t, data in messages
            ],
        ),
    )
    assert [
        (event.event, event.data and event.data.data(), pytest.approx(event.t, abs=1e-5))
        for event in found.events
    ] == events
    assert found.gaps == []


def test_what_the_file_does_not_hold_is_a_gap(tmp_path: Path) -> None:
    multipart = {"mimeType": "multipart/form-data", "params": [{"name": "a", "value": "1"}]}
    found = imported(
        tmp_path,
        har_entry(response={"content": {"size": 7, "mimeType": ""}}),
        har_entry(response={"headers": STREAM, "content": {"size": 7, "text": ""}}),
        har_entry(request={"method": "POST", "postData": multipart}),
        har_entry(request={"method": "POST", "bodySize": 5}),
        har_entry(
            request={"url": "wss://a.example.com/"},
            response={"status": 101},
            _webSocketMessages=[{"type": "send", "time": 1, "opcode": 1, "data": "x"}],
        ),
        har_entry(request={"url": "data:text/plain,x"}),
    )
    assert sorted(found.gaps) == [
        "WebSocket messages are not recorded",
        "the body of a request is not in the HAR file as it was sent",
        "the body of a request is not in the HAR file as it was sent",
        "the body of a response is not in the HAR file",
        "the body of a response is not in the HAR file",
        "what is not HTTP",
    ]
    assert [request.body for request in found.requests] == [None] * 5


def test_a_form_may_be_given_by_its_parameters(tmp_path: Path) -> None:
    form = "application/x-www-form-urlencoded"
    found = imported(
        tmp_path,
        har_entry(
            request={
                "method": "POST",
                "headers": headers(content_type=form),
                "postData": {
                    "mimeType": form,
                    "params": [{"name": "a", "value": "1 2"}, {"name": "b"}],
                },
            }
        ),
    )
    body = found.requests[0].body
    assert body is not None
    assert body.form == (("a", "1 2"), ("b", ""))


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("net::ERR_NAME_NOT_RESOLVED", "dns"),
        ("net::ERR_CONNECTION_REFUSED", "connect"),
        ("net::ERR_CERT_AUTHORITY_INVALID", "tls"),
        ("net::ERR_SSL_PROTOCOL_ERROR", "tls"),
        ("net::ERR_EMPTY_RESPONSE", "protocol"),
    ],
)
def test_a_failure_is_told_from_the_browsers_words(tmp_path: Path, words: str, kind: str) -> None:
    found = imported(
        tmp_path,
        har_entry(
            request={"url": "https://u:p@a.example.com:444/"},
            response={"status": 0, "_error": words},
        ),
    )
    (error,) = found.errors
    assert (error.kind, error.detail, error.peer) == (kind, words, "a.example.com:444")
    assert found.responses == []


def test_who_broke_off_is_told_as_far_as_it_is_known(tmp_path: Path) -> None:
    broken = {"headers": STREAM, "content": {"text": "data: 1\n\nda"}}
    found = imported(
        tmp_path,
        har_entry(response=broken | {"_error": "net::ERR_ABORTED"}),
        har_entry(response=broken | {"_error": "net::ERR_INCOMPLETE_CHUNKED_ENCODING"}),
        har_entry(response={"status": 0}),
    )
    assert [end.how for end in found.ends] == ["client abort", "server abort", "error"]
    assert len(found.events) == 2


def test_what_mitmproxy_saves_is_read(tmp_path: Path) -> None:
    flows = [tflow.tflow(resp=True), tflow.tflow(err=True), tflow.twebsocketflow()]
    flows[1].error.msg = "[Errno 111] Connect call failed ('127.0.0.1', 1)"
    found = Imported(source(tmp_path, SaveHar().make_har(flows)), tmp_path / "out")
    assert "mitmproxy" in (found.note or "")
    assert [request.url for request in found.requests] == [
        "http://address:22/path",
        "http://address:22/path",
        "http://example.com/ws",
    ]
    assert [response.status for response in found.responses] == [200, 101]
    assert found.responses[0].body is not None
    assert found.responses[0].body.text == "message"
    assert [error.kind for error in found.errors] == ["connect"]


def test_secrets_do_not_get_into_the_recording(tmp_path: Path) -> None:
    secret = "aVerySecretToken0123456789"
    found = imported(
        tmp_path,
        har_entry(
            request={"headers": headers(authorization=f"Bearer {secret}")},
            response={"content": {"text": f"you sent {secret}"}},
        ),
    )
    assert secret not in found.path.read_text()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "not a HAR file"),
        (b'{"log": {"entries": [', "not a HAR file"),
        (b"[]", "not a HAR file: Expected `object`, got `array`"),
        (b"\xff", "not a HAR file"),
        (b"[" * 100_000, "not a HAR file"),
        ({"log": {}}, "missing required field `entries`"),
        ({"log": {"entries": 1}}, r"entries\[0\]: not an array"),
        (har(), "no HTTP exchange in this HAR file"),
        (har(har_entry(), 1), r"entries\[1\]: Expected `object`, got `int`"),
        (har(har_entry(start="yesterday")), r"entries\[0\]: Invalid RFC3339"),
        (har(har_entry(start="2025-08-29T02:09:10")), r"entries\[0\]: .*timezone"),
        (
            har(har_entry(start="9999-12-31T23:59:59Z", time=1000)),
            r"entries\[0\]: date value out of range",
        ),
        (
            har(har_entry(time=1e300)),
            r"entries\[0\]: Expected `float` <= 100000000000.0 - at `\$.time`",
        ),
        (har(har_entry(request={"url": None})), r"got `null` - at `\$.request.url`"),
        (har(har_entry(request={"url": "http://[/"})), r"entries\[0\]: Invalid IPv6 URL"),
        (har(har_entry(response={"status": 10**30})), r"entries\[0\]: .* at `\$.response.status`"),
        (
            har(har_entry(response={"content": {"text": "%", "encoding": "base64"}})),
            r"entries\[0\]: Only base64 data is allowed",
        ),
        (
            har(
                har_entry(
                    response={"headers": STREAM}, _eventSourceMessages=[{"time": 1e99, "data": ""}]
                )
            ),
            r"entries\[0\]: ",
        ),
        (json.dumps(har(har_entry())).encode().replace(b'"a browser"', b'"\xff"'), "not a HAR"),
        (
            json.dumps(har(har_entry(x=0)))
            .encode()
            .replace(b'"x": 0', b'"x": ' + b"[" * 99_999 + b"]" * 99_999),
            "recursion",
        ),
    ],
)
def test_what_is_no_har_file_is_said_in_one_line(tmp_path: Path, content: Any, what: str) -> None:
    with pytest.raises(BadInputError, match=what) as caught:
        source(tmp_path, content)
    assert str(caught.value).startswith(f"{tmp_path}/in.har: ")
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    text = json.dumps(har(har_entry())).encode()
    assert source(tmp_path, b"\xef\xbb\xbf" + text).start == START


def test_a_file_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = json.dumps(har(har_entry())).encode()
    monkeypatch.setattr("wiretape.recorder.importing.har.MAX_FILE", len(content))
    assert source(tmp_path, content).start == START
    with pytest.raises(BadInputError, match="more than a HAR file may be"):
        source(tmp_path, content + b" ")


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="No such file"):
        HarFile(tmp_path / "nowhere.har")


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)
_ODD = st.sampled_from(
    [
        "\ud800",
        "text/event-stream",
        "data: 1\n\n",
        "gzip",
        "base64",
        "http://[",
        -1,
        1e308,
        2**64,
        0,
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_whatever_stands_in_an_entry_it_is_imported_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("any")
    entry: Any = har_entry(
        request={"headers": headers(a="b"), "postData": {"mimeType": "m", "text": "t"}},
        response={"headers": [*STREAM, *headers(content_encoding="gzip")], "content": {"text": ""}},
        connection="1",
        _eventSourceMessages=[{"time": START.timestamp(), "data": "1"}],
    )
    for _ in range(data.draw(st.integers(1, 3))):
        place = entry
        while True:
            key = data.draw(
                st.sampled_from(list(place) if isinstance(place, dict) else range(len(place)))
            )
            if (
                not isinstance(place[key], dict | list)
                or not place[key]
                or data.draw(st.booleans())
            ):
                break
            place = place[key]
        place[key] = data.draw(_ODD | _ANYTHING)
    try:
        found = source(folder, har(entry))
    except BadInputError:
        return
    Imported(found, folder / "out")


def test_a_redirect_comes_before_what_follows_it_however_coarse_the_durations(
    tmp_path: Path,
) -> None:
    old, new = "http://mcp.example.com/old", "http://mcp.example.com/new"
    found = imported(
        tmp_path,
        har_entry(
            start="2025-08-29T02:09:10.000500Z",
            request={"method": "GET", "url": old, "headers": []},
            response={"status": 307, "statusText": "", "headers": headers(Location="/new")},
            timings={"send": 0, "wait": 2, "receive": 1},
        ),
        har_entry(
            start="2025-08-29T02:09:10.001900Z",
            request={"method": "GET", "url": new, "headers": []},
            timings={"send": 0, "wait": 2, "receive": 1},
        ),
    )
    assert [(request.url, request.cause) for request in found.requests] == [(old, None), (new, 1)]
