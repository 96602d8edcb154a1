"""The peers among themselves: a failure here is a peer's, not the recorder's."""

import json
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from peers import (
    CLIENTS,
    Authority,
    Server,
    Summary,
    client_environment,
    follow_redirects,
    make_authority,
    run_client,
    serve,
)
from peers.processes import ROOT, finished

WALKED = ("notes", "notes-sse", "atlassian")
REVISIONS = {
    "mcp2": "2026-07-28",
    "mcp2-handshake": "2025-11-25",
    "mcp1": "2025-11-25",
    "typescript": "2025-11-25",
    "httpx": "2025-06-18",
    "curl": "2025-06-18",
}
# The others open their stream for notifications while they already call.
LISTENERS = ("mcp2", "httpx", "curl")
TLS_CLIENTS = ("mcp2", "typescript", "curl")  # one for each TLS library
TOKEN_SECONDS = 2


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module", params=WALKED)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    protected = request.param != "atlassian"
    options = ("--token-seconds", str(TOKEN_SECONDS)) if protected else ()
    with serve(request.param, options=options) as server:
        yield server


def assert_walked(client: str, server: Server, summary: Summary) -> None:
    called = {name for name, _ in server.walk.calls}
    assert called <= set(summary.tools)
    for answer, result in zip(server.answers, summary.results, strict=True):
        assert answer in result
    if "import_notes" in called:
        assert summary.protocol == REVISIONS[client]
        assert summary.progress == (1, 2, 3)
        assert summary.questions == ("Delete the note 'milk'?",)
        assert summary.grants[0] == "authorization_code"
    if server.walk.transport == "sse" or client in LISTENERS:
        assert summary.notifications == server.walk.notifications


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_walks_a_server(client: str, server: Server) -> None:
    protected = not server.walk.headers
    summary = run_client(client, server, refresh=protected)
    assert_walked(client, server, summary)
    assert ("refresh_token" in summary.grants) == protected


@pytest.mark.parametrize("client", TLS_CLIENTS)
def test_a_client_walks_a_server_over_tls(client: str, authority: Authority) -> None:
    with serve("notes", tls=authority) as server:
        assert server.url.startswith("https://")
        assert_walked(client, server, run_client(client, server))


@pytest.mark.parametrize("name", ["notes-sse", "atlassian"])
def test_every_server_is_had_over_tls(name: str, authority: Authority) -> None:
    with serve(name, tls=authority) as server:
        assert server.url.startswith("https://")
        assert_walked("curl", server, run_client("curl", server))


@pytest.mark.parametrize(
    ("served", "walked", "revision"),
    [
        ((), (), "2026-07-28"),
        ((), ("--handshake", "--refresh"), "2025-11-25"),
        (("--sse",), ("--sse",), "2026-07-28"),
    ],
)
def test_the_example_client_walks_the_example_server(
    served: tuple[str, ...], walked: tuple[str, ...], revision: str
) -> None:
    options = ("--token-seconds", str(TOKEN_SECONDS), *served)
    with serve("notes", options=options) as server:
        command = [sys.executable, str(ROOT / "examples/notes_client.py"), server.url, *walked]
        stdout, _ = finished(command, client_environment(server))
    seen = json.loads(stdout)
    assert seen["protocol"] == revision
    assert seen["results"] == ["added 'milk'", "imported 3 notes", "deleted 'milk'"]
    assert seen["notes"] == ["imported 1: to read\nimported 2: to read\nimported 3: to read"]
    assert seen["tokens issued"] > 1 or "--refresh" not in walked


def test_a_post_becomes_a_get_behind_a_front_that_ends_tls(authority: Authority) -> None:
    with serve("redirecting", tls=authority) as server:
        plain = server.url.replace("https://", "http://")
        assert follow_redirects(server) == (
            ("POST", server.url, 307),
            ("POST", f"{plain}/", 301),
            ("GET", f"{server.url}/", 400),
        )


def test_a_server_that_does_not_start_says_why() -> None:
    said = "(?s)did not start: .*unrecognized arguments: --no-such-option"
    with pytest.raises(AssertionError, match=said), serve("notes", options=("--no-such-option",)):
        pass


def test_a_client_that_fails_says_why() -> None:
    with serve("notes") as server:
        nowhere = replace(server, url=server.url + "/nowhere")
        with pytest.raises(AssertionError, match=r"(?s)exited 1.*404"):
            run_client("httpx", nowhere)


def test_nothing_of_a_server_is_left_behind() -> None:
    with serve("notes") as server:
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((urlsplit(server.url).hostname, urlsplit(server.url).port))
    assert not server.log.exists()
