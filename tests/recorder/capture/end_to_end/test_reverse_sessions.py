"""Real clients that know of no proxy, through `wiretape record --reverse`, against two origins."""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from loopback.recorder import WIRETAPE
from peers import CLIENTS, Authority, Server, Summary, Walk, make_authority
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
        *((client, (), False) for client in CLIENTS),
        ("mcp2", ("--sse",), True),
        ("mcp2", ("--sse", "--absolute"), True),
    ],
)
def test_all_of_the_flow_stays_on_the_recorder(
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
