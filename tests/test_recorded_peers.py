"""Real clients and real servers with the recorder between them: whole sessions, no secrets."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from peers import CLIENTS, Authority, Server, make_authority, serve
from walked import WIRETAPE, Recorded, record_walk
from wiretape.recorder.log.jsonrpc import Result

TOKEN_SECONDS = 2
TLS_CLIENTS = ("mcp2", "typescript", "curl")  # one for each TLS library


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the recorders keep their certificate authority."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module", params=("notes", "notes-sse", "atlassian"))
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    options = () if request.param == "atlassian" else ("--token-seconds", str(TOKEN_SECONDS))
    with serve(request.param, options=options) as server:
        yield server


def assert_whole(walked: Recorded, server: Server) -> None:
    """The recording tells the same story as the client, with nothing missing."""
    for answer, result in zip(server.answers, walked.summary.results, strict=True):
        assert answer in result
    assert walked.gaps == ()
    assert all(exchange.last is not None for exchange in walked.exchanges)

    session = max(walked.sessions, key=lambda session: len(session.calls))
    assert session.transport is not None
    assert session.protocol == walked.summary.protocol
    called = [call.call.message.method for call in session.calls]
    assert called.count("tools/call") >= len(server.walk.calls)
    unanswered = [call.call for call in session.calls if call.answer is None]
    refused = [said for said in unanswered if said.place.exchange.status == 401]
    listening = [said for said in unanswered if said.message.method == "subscriptions/listen"]
    assert len(unanswered) == len(refused) + len(listening)
    texts = "\n".join(
        content.get("text", "")
        for call in session.calls
        if call.answer and isinstance(call.answer.message, Result)
        for content in json.loads(bytes(call.answer.message.result)).get("content", [])
    )
    for answer in server.answers:
        assert answer in texts
    assert (session.unmatched, session.malformed) == ((), ())

    if not server.walk.headers:  # so the client obtained its tokens itself
        (grant,) = session.grants
        assert grant.registration is not None
        assert grant.discovery
        assert grant.authorization
        assert len(grant.issues) == len(walked.summary.grants)


def assert_shareable(walked: Recorded, token: str | None = None) -> None:
    checked = subprocess.run(
        [WIRETAPE, "check", str(walked.path)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout
    assert token is None or token not in walked.path.read_text()
    assert walked.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("client", CLIENTS)
def test_a_session_is_recorded_whole(
    client: str, server: Server, home: Path, tmp_path: Path
) -> None:
    refresh = not server.walk.headers
    walked = record_walk(client, server, home=home, out=tmp_path, refresh=refresh)
    assert_whole(walked, server)
    token = server.walk.headers.get("authorization")
    assert_shareable(walked, token and token.removeprefix("Bearer "))


@pytest.mark.parametrize("client", TLS_CLIENTS)
def test_a_session_over_tls_is_recorded_whole(
    client: str, authority: Authority, home: Path, tmp_path: Path
) -> None:
    with serve("notes", tls=authority) as server:
        walked = record_walk(client, server, home=home, out=tmp_path)
    assert any(each.request.url == server.url for each in walked.exchanges)
    assert_whole(walked, server)
    assert_shareable(walked)


@pytest.mark.parametrize("name", ["notes-sse", "atlassian"])
def test_every_server_is_recorded_over_tls(
    name: str, authority: Authority, home: Path, tmp_path: Path
) -> None:
    with serve(name, tls=authority) as server:
        walked = record_walk("curl", server, home=home, out=tmp_path)
    assert_whole(walked, server)
    assert_shareable(walked)
