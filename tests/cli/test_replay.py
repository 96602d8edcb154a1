"""`wiretape replay`, run as users run it."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest
from command import Wiretape

from peers.clients import CLIENTS, Summary
from peers.processes import environment, finished
from peers.servers import Walk
from replayed import WIRETAPE, replaying

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "recordings"
CALLS = (("getVisibleJiraProjects", {"cloudId": "c"}), ("atlassianUserInfo", {}))


def walked(client: str, url: str, walk: Walk) -> Summary:
    stdout, _ = finished([*CLIENTS[client](), url], environment(), msgspec.json.encode(walk))
    return msgspec.json.decode(stdout.splitlines()[-1], type=Summary)


@pytest.mark.parametrize(
    ("profile", "transport", "revision"),
    [
        ("atlassian-2025-08", "sse", "2025-03-26"),
        ("atlassian-2026-03", "streamable-http", "2025-06-18"),
        ("atlassian-2026-09", "streamable-http", "2025-11-25"),
    ],
)
def test_a_real_client_walks_it_with_its_oauth_and_through_expiry(
    profile: str, transport: str, revision: str, tmp_path: Path
) -> None:
    words = (profile, "--issuer", "consistent", "--expires-in", "2")
    with replaying(tmp_path, *words) as (_, url):
        walk = Walk(transport, CALLS, refresh=True)  # type: ignore[arg-type]  # one of the literals
        summary = walked("mcp2", url, walk)
    assert summary.protocol == revision
    assert len(summary.tools) == 24
    assert [result.partition(":")[0] for result in summary.results] == [name for name, _ in CALLS]
    assert summary.grants[0] == "authorization_code"
    assert "refresh_token" in summary.grants


def test_a_strict_client_refuses_the_faithful_issuer(tmp_path: Path) -> None:
    with (
        replaying(tmp_path, "atlassian-2025-08") as (_, url),
        pytest.raises(AssertionError, match="issuer"),
    ):
        walked("mcp2", url, Walk("sse", CALLS))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_even_while_streams_are_open(
    number: signal.Signals, tmp_path: Path
) -> None:
    with replaying(tmp_path, "mcp-atlassian") as (process, url):
        at = urlsplit(url)
        hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}
        headers = {"content-type": "application/json"}
        first, stream = (HTTPConnection(at.netloc, timeout=5) for _ in range(2))
        first.request("POST", at.path, json.dumps(hello), headers)
        session = first.getresponse().headers["mcp-session-id"]
        stream.request("GET", at.path, headers={"mcp-session-id": session})
        assert stream.getresponse().status == 200
        process.send_signal(number)
        assert process.wait(10) == 0
        first.close()
        stream.close()
    assert "Traceback" not in (tmp_path / "stderr.txt").read_text()


def test_only_its_own_names_are_answered(tmp_path: Path) -> None:
    with replaying(tmp_path, "atlassian-2025-08") as (_, url):
        at = urlsplit(url)
        statuses = [
            _status(at.netloc, at.path, host)
            for host in (
                at.netloc,
                f"localhost:{at.port}",
                "evil.example",
                f"evil.example:{at.port}",
            )
        ]
    assert statuses == [401, 401, 421, 421]


def _status(address: str, path: str, host: str) -> int:
    connection = HTTPConnection(address, timeout=5)
    connection.request("GET", path, headers={"host": host})
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_port_in_use_is_one_line(wiretape: Wiretape) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = wiretape("replay", "atlassian-2025-08", "--listen", f"127.0.0.1:{port}")
    assert ran.code == 4
    assert ran.err == (
        f"wiretape: cannot listen on 127.0.0.1:{port}: Address already in use;"
        " choose another port with --listen\n"
    )


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["nobody"], 3, "no such file, and no profile of: atlassian-2025-08,"),
        (["missing.toml"], 3, "missing.toml: No such file"),
        (["atlassian-2025-08", "--listen", "here"], 2, "say HOST:PORT"),
        (["atlassian-2025-08", "--listen", "127.0.0.1:²"], 2, "say HOST:PORT"),
        (["atlassian-2025-08", "--listen", "0.0.0.0:0"], 2, "say one that they can use"),
        (["atlassian-2025-08", "--expires-in", "0"], 2, "--expires-in"),
        (["atlassian-2025-08", "--user", " "], 2, "--user ' ': say a name"),
        (["atlassian-2025-08", "--fault", "nope"], 2, "no fault is called nope"),
        (["atlassian-2025-08", "--scenario", "missing.toml"], 3, "missing.toml: No such file"),
        (["atlassian-2025-08", "--fault", "unauthorised"], 2, "do you mean unauthorized?"),
        (["atlassian-2025-08", "--name", "mine"], 2, "--name is about --record: say that, too"),
        (["atlassian-2025-08", "--out", "."], 2, "--out is about --record: say that, too"),
        (["atlassian-2025-08", "--match", "method"], 2, "--match is about recordings: name one"),
        (["atlassian-2025-08", "--strict"], 2, "--strict is about recordings: name one"),
        (["atlassian-2025-08", "--clock", "stop", "--clock-rate", "60"], 2, "--clock-rate 60"),
    ],
)
def test_mistakes_are_told(words: Sequence[str], code: int, says: str, wiretape: Wiretape) -> None:
    ran = wiretape("replay", *words)
    assert ran.code == code
    assert says in ran.err


def test_a_profile_may_be_a_file(tmp_path: Path) -> None:
    profile = tmp_path / "mine.toml"
    profile.write_text('name = "mine"\n[endpoints]\nmcp = "https://mcp.example/mcp"\n')
    with replaying(tmp_path, str(profile)) as (_, url):
        assert urlsplit(url).path == "/mcp"
        assert _status(urlsplit(url).netloc, "/nowhere", urlsplit(url).netloc) == 404


def test_faults_of_a_scenario_and_of_the_command_line_are_armed(tmp_path: Path) -> None:
    scenario = tmp_path / "day.toml"
    scenario.write_text('[[fault]]\nname = "authorize-error"\nstatus = 501\ntimes = 1\n')
    words = ("--scenario", str(scenario), "--fault", "authorize-error:status=502,times=1")
    with replaying(tmp_path, "oauth-streamable", *words) as (_, url):
        at = urlsplit(url).netloc
        assert [_status(at, "/authorize", at) for _ in range(3)] == [501, 502, 400]


def test_its_time_can_run_fast(tmp_path: Path) -> None:
    with replaying(tmp_path, "atlassian-2025-08", "--clock-rate", "1000000") as (_, url):
        first, second = (_date(url) for _ in range(2))
    assert (second - first).total_seconds() > 60


def test_its_time_can_stand_still(tmp_path: Path) -> None:
    with replaying(tmp_path, "atlassian-2025-08", "--clock", "stop") as (_, url):
        shown = _date(url)
        time.sleep(1.1)  # dates have whole seconds
        assert _date(url) == shown


def _date(url: str) -> datetime:
    at = urlsplit(url)
    connection = HTTPConnection(at.netloc, timeout=5)
    connection.request("GET", at.path)
    shown = connection.getresponse().headers["date"]
    connection.close()
    return parsedate_to_datetime(shown)


def test_what_varies_comes_back_by_its_seed(tmp_path: Path) -> None:
    def document(*words: str) -> bytes:
        with replaying(tmp_path, "atlassian-2025-08", "--clock", "stop", *words) as (_, url):
            at = urlsplit(url)
            connection = HTTPConnection(at.netloc, timeout=5)
            connection.request("GET", "/.well-known/oauth-authorization-server")
            found = connection.getresponse().read()
            connection.close()
            return re.sub(rb"127\.0\.0\.1:\d+", b"HOST", found)

    varied = document("--vary")
    seed = (tmp_path / "stderr.txt").read_text().partition("--seed ")[2].split()[0]
    assert document("--seed", seed) == varied
    assert document() != varied


ASK = """
import os, urllib.request
try:
    urllib.request.urlopen(os.environ["WIRETAPE_URL"], b"{}")
except urllib.error.HTTPError as error:
    print(error.code, os.environ["WIRETAPE_ISSUER"].rpartition(":")[0], os.environ["no_proxy"])
    raise SystemExit(7)
"""


def ran(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WIRETAPE, "replay", *words],
        env=environment() | env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_command_finds_it_and_its_exit_code_is_passed_on() -> None:
    words = ("atlassian-2026-09", "--quiet", "--", sys.executable, "-c", ASK)
    done = ran(*words, HTTP_PROXY="http://127.0.0.1:9", no_proxy="elsewhere.example")
    assert done.stdout == "401 http://127.0.0.1 elsewhere.example,127.0.0.1\n"
    assert (done.returncode, done.stderr) == (7, "")


def test_after_a_command_that_does_not_ask_all_strict_fails() -> None:
    recording = str(RECORDINGS / "oauth-streamable.jsonl")
    strict = ran(recording, "--strict", "--", "true")
    assert (strict.returncode, strict.stdout) == (1, "")
    assert "5 recorded calls not asked" in strict.stderr
    assert ran(recording, "--", "true").returncode == 0


def test_a_command_that_is_not_there_is_one_line() -> None:
    done = ran("atlassian-2026-09", "--quiet", "--", "no-such-command")
    assert done.returncode == 2
    assert done.stderr == "wiretape: no-such-command: cannot be run: No such file or directory\n"
