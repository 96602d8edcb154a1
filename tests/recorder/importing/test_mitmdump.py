"""What mitmdump itself writes of real traffic, in both its formats."""

import gzip
import os
import re
import subprocess
import sysconfig
from pathlib import Path

import httpx
import pytest
from imports import Imported
from pytest_httpserver import HTTPServer
from werkzeug import Response

from wiretape.recorder.importing.flows import FlowFile
from wiretape.recorder.importing.har import HarFile
from wiretape.recorder.log.records import Body

MITMDUMP = Path(sysconfig.get_path("scripts"), "mitmdump")
NOBODY = "http://127.0.0.1:1/"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, make_httpserver: HTTPServer) -> Path:
    """A folder with a.flows and a.har of the same traffic."""
    folder = tmp_path_factory.mktemp("mitmdump")
    origin = make_httpserver
    origin.expect_request("/old").respond_with_data(status=307, headers={"Location": "/new"})
    origin.expect_request("/new").respond_with_response(
        Response(
            gzip.compress(b'{ "ok": true }'),
            headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
        )
    )
    origin.expect_request("/sse").respond_with_data(
        "event: endpoint\ndata: /message\n\n: alive\n\ndata: {}\n\n",
        content_type="text/event-stream",
    )
    words = [MITMDUMP, "--listen-host=127.0.0.1", "--listen-port=0", f"--set=confdir={folder}"]
    words += [f"--save-stream-file={folder}/a.flows", f"--set=hardump={folder}/a.har"]
    env = os.environ | {"PYTHONUNBUFFERED": "1"}  # else the port is told when the pipe is full
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout is not None
        try:
            listening = next(line for line in process.stdout if "listening" in line)
            port = re.findall(r":(\d+)", listening)[-1]
            with httpx.Client(proxy=f"http://127.0.0.1:{port}", follow_redirects=True) as client:
                client.post(origin.url_for("/old"), json={"id": 1})
                client.get(origin.url_for("/sse"))
                client.get(NOBODY)
        finally:
            process.terminate()
        process.stdout.read()
    assert process.returncode == 0
    return folder


def body(found: Body | None) -> tuple[bytes, str | None, int] | None:
    return found and (found.data(), found.encoding, found.size)


def test_both_formats_become_the_same_recording(written: Path, tmp_path: Path) -> None:
    with (written / "a.flows").open("rb") as file:
        flows = Imported(FlowFile(file, "a.flows"), tmp_path / "flows")
    har = Imported(HarFile(written / "a.har"), tmp_path / "har")
    assert [
        (request.method, request.url, request.headers, body(request.body), request.cause)
        for request in flows.requests
    ] == [
        (request.method, request.url, request.headers, body(request.body), request.cause)
        for request in har.requests
    ]
    assert [
        (response.status, response.reason, response.headers, body(response.body))
        for response in flows.responses
    ] == [
        (response.status, response.reason, response.headers, body(response.body))
        for response in har.responses
    ]
    assert [(error.kind, error.detail, error.peer) for error in flows.errors] == [
        (error.kind, error.detail, error.peer) for error in har.errors
    ]
    assert flows.gaps == har.gaps == []


def test_it_holds_what_passed(written: Path, tmp_path: Path) -> None:
    with (written / "a.flows").open("rb") as file:
        found = Imported(FlowFile(file, "a.flows"), tmp_path)
    assert [(request.exchange, request.method, request.cause) for request in found.requests] == [
        (1, "POST", None),
        (2, "POST", 1),
        (3, "GET", None),
        (4, "GET", None),
    ]
    assert [response.status for response in found.responses] == [307, 200, 200]
    assert [body(response.body) for response in found.responses[:2]] == [
        None,
        (b'{"ok":true}', "gzip", len(gzip.compress(b'{ "ok": true }'))),
    ]
    assert [(event.event, event.data and event.data.data()) for event in found.events] == [
        ("endpoint", b"/message"),
        (None, b"{}"),
    ]
    assert found.ends[2].comments == 1
    assert [(error.exchange, error.kind) for error in found.errors] == [(4, "connect")]
    assert found.requests[0].body is not None
    assert found.requests[0].body.data() == b'{"id":1}'
