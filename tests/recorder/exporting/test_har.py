import io
import json
from base64 import b64decode
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imports import Imported
from mitmproxy import http
from mitmproxy.io import FlowReader
from msgspec import UNSET
from msgspec.structs import replace

from arbitrary import ENTRIES
from play import OPENING, START, STREAM, Play
from wiretape.recorder.errors import BadInputError
from wiretape.recorder.exporting.har import export
from wiretape.recorder.importing.har import HarFile
from wiretape.recorder.log.reader import Reading
from wiretape.recorder.log.records import Content, End, Entry, Error, Event, Request, Response

MCP = "https://mcp.example.com/mcp?a=1&b="

# Softwareishard's HAR 1.2: what every object must have.
REQUIRED = {
    "log": {"version", "creator", "entries"},
    "creator": {"name", "version"},
    "entry": {"startedDateTime", "time", "request", "response", "cache", "timings"},
    "request": {"method", "url", "httpVersion", "cookies", "headers", "queryString"}
    | {"headersSize", "bodySize"},
    "response": {"status", "statusText", "httpVersion", "cookies", "headers", "content"}
    | {"redirectURL", "headersSize", "bodySize"},
    "content": {"size", "mimeType"},
    "timings": {"send", "wait", "receive"},
}


def exported(records: Iterable[Entry]) -> bytes:
    lines = (msgspec.json.encode(record) + b"\n" for record in (OPENING, *records))
    return b"".join(export(Reading(io.BytesIO(b"".join(lines)), "r.jsonl")))


def entries(records: Iterable[Entry]) -> list[Any]:
    found: list[Any] = json.loads(exported(records))["log"]["entries"]
    return found


def a_session() -> Play:
    """Everything that a recording may hold of exchanges."""
    play = Play()
    post = play.post(MCP, {"id": 1, "text": "Grüße ☃"}, http="HTTP/2.0")
    listen = play.listen("https://mcp.example.com/v1/sse")
    play.stream(listen)
    play.event(listen, text="/message", event="endpoint")
    play.answer(post, status=202, text="Accepted", headers={"Content-Type": "text/plain"})
    form = play.request(
        "POST",
        "https://auth.example.com/token",
        form={"a": "1 2", "b": ""},
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    play.event(listen, {"id": 1, "result": {}})
    play.answer(form, {"ok": True}, headers={"Content-Type": "application/json"})
    redirect = play.request("GET", "https://mcp.example.com/a")
    play.answer(redirect, status=307, headers={"Location": "/b"})
    play.answer(play.request("GET", "https://mcp.example.com/b", cause=redirect), status=204)
    play.event(listen, text="a\nb", event=None)
    play.end(listen, "client abort", "Client disconnected.")
    play.fail(
        play.request("GET", "https://nowhere.example.com/"), "[Errno 111] Connect call failed"
    )
    return play


def test_every_object_has_what_har_requires() -> None:
    log = json.loads(exported(a_session().records))["log"]
    assert log.keys() >= REQUIRED["log"]
    assert log["version"] == "1.2"
    assert log["creator"].keys() >= REQUIRED["creator"]
    for entry in log["entries"]:
        assert entry.keys() >= REQUIRED["entry"]
        for part in ("request", "response", "timings"):
            assert entry[part].keys() >= REQUIRED[part]
        assert entry["response"]["content"].keys() >= REQUIRED["content"]
        for part in (entry["request"], entry["response"]):
            pairs = part["headers"] + part["cookies"] + part.get("queryString", [])
            assert all(pair.keys() >= {"name", "value"} for pair in pairs)
        timings = [entry["timings"][phase] for phase in ("send", "wait", "receive")]
        assert all(timing >= 0 for timing in timings)
        assert entry["time"] == pytest.approx(sum(timings))


def test_mitmproxy_reads_the_same_exchanges() -> None:
    play = a_session()
    flows = list(FlowReader(io.BytesIO(exported(play.records))).stream())
    by_url = {flow.request.pretty_url: flow for flow in flows if isinstance(flow, http.HTTPFlow)}
    assert len(by_url) == len(flows) == len(play.exchanges())
    for exchange in play.exchanges():
        request, response = exchange.request, exchange.response
        flow = by_url[request.url]
        assert flow.request.method == request.method
        assert flow.request.http_version == request.http.removesuffix(".0")
        for header in request.headers:
            assert header in flow.request.headers.items(multi=True)
        assert flow.request.content == (request.body.data() if request.body else b"")
        assert flow.response is not None
        assert flow.response.status_code == (response.status if response else 0)
        if response:
            for header in response.headers:
                assert header in flow.response.headers.items(multi=True)
            if not response.stream:
                body = response.body.data() if response.body else b""
                assert flow.response.content == body
        moment = request.at.timestamp()
        assert flow.request.timestamp_start == pytest.approx(moment)
        assert exchange.last is not None
        assert flow.response.timestamp_end == pytest.approx(moment + exchange.last.t - request.t)


def test_importing_it_again_gives_the_same_recording(tmp_path: Path) -> None:
    play = a_session()
    path = tmp_path / "out.har"
    path.write_bytes(exported(play.records))
    found = Imported(HarFile(path), tmp_path)
    for kind in (Request, Response, Event, End, Error):
        before = [essence(record) for record in play.records if isinstance(record, kind)]
        assert sorted(map(essence, found.of(kind))) == sorted(before)


def essence(record: Entry) -> str:
    """What HAR can carry of a record, JSON without white space."""
    fields = msgspec.structs.asdict(record)
    for left_out in ("upstream", "connection", "size", "at", "t", "peer"):
        fields.pop(left_out, None)
    content = fields.pop("body", None) or fields.pop("data", None)
    data = content.data().replace(b" ", b"") if content else b""
    return repr((record.t and round(record.t, 3), data, sorted(fields.items())))


def test_a_redirect_and_cookies_stand_where_har_has_them() -> None:
    play = Play()
    get = play.request("GET", MCP, headers={"Cookie": "a=1; b=2"})
    play.answer(get, status=307, headers={"location": "/b", "Set-Cookie": "c=3; Path=/"})
    (entry,) = entries(play.records)
    assert entry["response"]["redirectURL"] == "/b"
    assert entry["request"]["cookies"] == [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]
    assert entry["response"]["cookies"] == [{"name": "c", "value": "3"}]
    assert entry["request"]["queryString"] == [
        {"name": "a", "value": "1"},
        {"name": "b", "value": ""},
    ]


def test_a_stream_is_put_together_again() -> None:
    play = Play()
    listen = play.listen(MCP)
    play.stream(listen)
    play.event(listen, {"a": 1}, event="e")
    play.event(listen, text="1\n2", event=None)
    *_, last = play.records
    assert isinstance(last, Event)
    play.records[-1] = replace(last, event="a\nevent: b", id="", retry="3", incomplete=True)
    (entry,) = entries(play.records)
    text = (
        'event: e\ndata: {"a": 1}\n\nevent: a\nevent: event: b\nid: \nretry: 3\ndata: 1\ndata: 2\n'
    )
    assert entry["response"]["content"] == {
        "size": len(text),
        "mimeType": STREAM["content-type"],
        "text": text,
    }
    assert [(m["eventName"], m["data"]) for m in entry["_eventSourceMessages"]] == [
        ("e", '{"a": 1}'),
        ("a\nevent: b", "1\n2"),
    ]
    assert entry["response"]["_error"] == "the recording ends before this exchange does"


def test_what_is_no_text_is_base64() -> None:
    play = Play()
    play.stream(play.listen(MCP))
    play.event(1)
    event = play.records[-1]
    assert isinstance(event, Event)
    play.records[-1] = replace(event, data=Content(base64="/w=="))
    post = play.post(MCP, {})
    request = play.records[-1]
    assert isinstance(request, Request)
    play.records[-1] = replace(
        request, body=msgspec.structs.replace(request.body, json=UNSET, base64="/w==")
    )
    play.end(post)
    posted, stream = entries(play.records)
    assert posted["request"]["postData"]["text"] == "/w=="
    assert posted["request"]["postData"]["_encoding"] == "base64"
    assert b64decode(stream["response"]["content"]["text"]) == b"event: message\ndata: \xff\n\n"
    assert stream["response"]["content"]["encoding"] == "base64"


def test_what_is_cut_or_undecoded_says_so() -> None:
    play = Play()
    play.answer(play.request("GET", MCP), text="abc")
    play.answer(play.request("GET", MCP), text="")
    cut, undecoded = (play.records[index] for index in (1, 4))
    assert isinstance(cut, Response)
    assert isinstance(undecoded, Response)
    play.records[1] = replace(cut, body=replace(cut.body, cut=True))
    play.records[4] = replace(undecoded, body=replace(undecoded.body, undecoded="not gzip"))
    first, second = (entry["response"]["content"] for entry in entries(play.records))
    assert first["comment"] == "cut: the rest is not in the recording"
    assert second["comment"] == "not in the recording: not gzip"


def test_what_is_not_in_the_file_is_counted() -> None:
    play = Play()
    play.gap("disk full", lost=3)
    play.mark("first step")
    play.mark("second step")
    play.records.append(Error(at=START, t=0, connection="c1", kind="tls", detail="no"))
    comment = json.loads(exported(play.records))["log"]["comment"]
    assert comment.endswith(
        "Not in this file: 3 records that the recording lost,"
        " 1 connection that failed before a request, 2 marks."
    )


@given(st.lists(ENTRIES, max_size=12))
def test_whatever_stands_in_a_recording_it_is_exported_or_refused(records: list[Entry]) -> None:
    try:
        log = json.loads(exported(records))["log"]
    except BadInputError as error:
        assert str(error).startswith("r.jsonl:")  # noqa: PT017 - either way is right
        return
    begun = {record.exchange for record in records if isinstance(record, Request)}
    assert len(log["entries"]) >= len(begun)
