"""Real clients that know of no proxy, through `wiretape record --reverse`, against two origins."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from loopback.recorder import WIRETAPE
from peers import CLIENTS, Authority, Server, Summary, Walk, follow_redirects, make_authority, serve
from peers.processes import environment, finished, serving
from wiretape.recorder.log.exchanges import Exchange, exchanges
from wiretape.recorder.log.reader import read
from wiretape.recorder.log.urls import endpoint, origin

SPLIT = [sys.executable, "-m", "peers.split_server"]
CALLS = (("greet", {"name": "you"}),)
LOCAL_URL = re.compile(r"https?://(?:127\.0\.0\.1|localhost):\d+")
CALLBACK = re.compile(r"http://(?:127\.0\.0\.1|localhost):\d+/[\w/]*callback")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@contextmanager
def split(*options: str, tls: Authority | None = None) -> Iterator[Server]:
    files = ["--tls-cert", str(tls.cert_file), "--tls-key", str(tls.key_file)] if tls else []
    with serving([*SPLIT, *options, *files], environment()) as (url, log):
        walk = Walk("sse" if "--sse" in options else "streamable-http", CALLS)
        yield Server(url, walk, ("hello you",), log, tls.ca_file if tls else None)


def run(command: Sequence[str], server: Server, home: Path) -> Summary:
    env = environment() | {"XDG_DATA_HOME": str(home)}
    stdout, _ = finished(command, env, msgspec.json.encode(server.walk))
    return msgspec.json.decode(stdout.splitlines()[-1], type=Summary)


def recorder(server: Server, out: Path, *options: str) -> list[str]:
    trust = ["--upstream-ca", str(server.ca_file)] if server.ca_file else []
    return [WIRETAPE, "record", "--quiet", "--out", str(out), *trust, *options, "--"]


def reverse(client: str, server: Server, home: Path, out: Path) -> tuple[Summary, list[Exchange]]:
    command = ["sh", "-c", 'exec "$@" "$WIRETAPE_URL"', "sh", *CLIENTS[client]()]
    summary = run([*recorder(server, out, "--reverse", server.url), *command], server, home)
    return summary, recorded(out, "reverse")


def forward(client: str, server: Server, home: Path, out: Path) -> tuple[Summary, list[Exchange]]:
    command = [*CLIENTS[client](), server.url]
    summary = run([*recorder(server, out), *command], server, home)
    return summary, recorded(out, "forward")


def recorded(out: Path, mode: str) -> list[Exchange]:
    [path] = out.glob("*.jsonl")
    with read(path) as reading:
        assert reading.opening.mode == mode
        return list(exchanges(reading))


def outline(told: list[Exchange]) -> list[tuple[object, ...]]:
    """Give what of the exchanges is the same whenever a client walks a server."""
    return sorted(
        (
            each.request.method,
            endpoint(each.request.url),
            [name for name, _ in each.request.headers],
            each.status or 0,
            [name for name, _ in each.response.headers] if each.response else [],
        )
        for each in told
    )


@pytest.mark.parametrize(
    ("options", "tls"), [((), True), (("--sse", "--absolute"), False)], ids=["streamable", "sse"]
)
def test_the_recording_is_as_a_proxys(
    options: tuple[str, ...], tls: bool, authority: Authority, home: Path, tmp_path: Path
) -> None:
    with split(*options, tls=authority if tls else None) as server:
        told, through_proxy = forward("mcp2-handshake", server, home, tmp_path / "forward")
        summary, in_reverse = reverse("mcp2-handshake", server, home, tmp_path / "reverse")
    assert summary == told
    assert outline(in_reverse) == outline(through_proxy)


@pytest.mark.parametrize(
    ("client", "options", "tls"),
    [
        ("mcp2", (), False),
        ("mcp1", (), False),
        ("typescript", (), True),
        ("curl", (), True),
        ("mcp2", ("--sse",), True),
        ("mcp2", ("--sse", "--absolute"), True),
    ],
)
def test_all_of_the_flow_stays_on_the_recorder(
    *,
    client: str,
    options: tuple[str, ...],
    tls: bool,
    authority: Authority,
    home: Path,
    tmp_path: Path,
) -> None:
    with split(*options, tls=authority if tls else None) as server:
        summary, told = reverse(client, server, home, tmp_path)
    assert summary.results == server.answers
    assert summary.grants == ("authorization_code",)
    mcp = origin(server.url)
    [issuer] = {origin(each.request.url) for each in told} - {mcp}
    assert urlsplit(issuer).hostname == "localhost"
    asked = {each.request.url.partition("?")[0] for each in told}
    assert asked > {server.url, f"{issuer}/register", f"{issuer}/authorize", f"{issuer}/token"}
    [path] = tmp_path.glob("*.jsonl")
    assert set(LOCAL_URL.findall(CALLBACK.sub("", path.read_text()))) == {mcp, issuer}


def test_a_redirect_chain_is_as_without_the_recorder(
    authority: Authority, home: Path, tmp_path: Path
) -> None:
    """Of one host and port, http and https are two origins."""
    with serve("redirecting", tls=authority) as server:
        hops = follow_redirects(server)
        command = ["sh", "-c", 'exec "$@" "$WIRETAPE_URL"', "sh", sys.executable, "-m"]
        finished(
            [
                *recorder(server, tmp_path, "--reverse", server.url),
                *command,
                "peers.redirected_client",
            ],
            environment() | {"XDG_DATA_HOME": str(home)},
        )
    told = recorded(tmp_path, "reverse")
    assert tuple((each.request.method, each.request.url, each.status) for each in told) == hops
    assert [each.request.cause for each in told] == [None, 1, 2]


# The command.


def test_without_a_command_it_says_the_url_and_waits(home: Path, tmp_path: Path) -> None:
    with serve("notes") as server:
        command = [WIRETAPE, "record", "--out", str(tmp_path), "--reverse", f"{server.url}?a=b"]
        with subprocess.Popen(
            command,
            env=environment() | {"XDG_DATA_HOME": str(home)},
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stderr
            url = process.stderr.readline().removeprefix("URL").strip()
            assert process.stderr.readline().startswith("recording")
            answer = httpx.post(url, trust_env=False)
            process.terminate()
            assert process.wait(60) == 0
    assert (urlsplit(url).path, urlsplit(url).query) == ("/mcp", "a=b")
    assert answer.status_code == 401
    [exchange] = recorded(tmp_path, "reverse")
    assert exchange.request.url == f"{server.url}?a=b"


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("mcp.example", 2, "--reverse mcp.example: say an http:// or https:// URL"),
        ("https://a..b/mcp", 2, "https://a..b: no host can have this name"),
        ("https://mcp.example", 4, "127.0.0.1:{busy}: cannot listen there: Address already"),
    ],
)
def test_what_cannot_be_is_one_line(
    *, url: str, code: int, said: str, home: Path, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        busy = listener.getsockname()[1]
        command = [WIRETAPE, "record", "--out", str(tmp_path), "--reverse", url]
        if "{busy}" in said:
            command += ["--listen", f"127.0.0.1:{busy}"]
        done = subprocess.run(
            [*command, "--", "true"],
            env=environment() | {"XDG_DATA_HOME": str(home)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == code
    [line] = done.stderr.splitlines()
    assert line.startswith(f"wiretape: {said.format(busy=busy)}")
    assert not list(tmp_path.iterdir())
