import asyncio
import os
import re
import signal
import socket
import stat
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from wiretape.recorder.errors import EnvironmentFaultError, UsageError
from wiretape.replay.conformance.config import System
from wiretape.replay.conformance.launching import Launched, filled, free_port, launched

SERVER = """
import os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        told = os.getpid(), os.environ.get("GREETING"), os.environ.get("no_proxy")
        self.wfile.write("{} {} {}".format(*told).encode())
print("starting")
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
_IP_LOCAL_PORT_RANGE = 51
"""The ports of which any is given, the first and the last in 16 bits each (Linux, ip(7))."""

COMMAND = ("{python}", "-c", SERVER, "{port}")


def described(*command: str, **other: Any) -> System:
    about = {"url": "http://127.0.0.1:{port}/mcp", "command": command} | other
    return System.model_validate(about)


@asynccontextmanager
async def running(system: System, folder: Path) -> AsyncIterator[Launched]:
    known = {"port": str(free_port()), "dir": str(folder)}
    async with launched(system, known, folder, folder / "target.log") as target:
        yield target


def with_target[Result](
    system: System, folder: Path, do: Callable[[Launched], Awaitable[Result]]
) -> Result:
    async def done() -> Result:
        async with running(system, folder) as target:
            return await do(target)

    return asyncio.run(done())


async def greeting(target: Launched) -> list[str]:
    async with httpx.AsyncClient(trust_env=False) as http:
        return (await http.get(target.url)).text.split(" ")


def fails(system: System, folder: Path) -> str:
    async def nothing(_: Launched) -> None:
        pass

    with pytest.raises(EnvironmentFaultError) as caught:
        with_target(system, folder, nothing)
    return str(caught.value)


def test_a_port_that_is_taken_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = free_port(), free_port()
    drawn = iter([first - 20_000, second - 20_000])
    monkeypatch.setattr("secrets.randbelow", lambda _: next(drawn))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first))
        assert free_port() == second


def test_a_second_port_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    first = free_port()
    second = free_port(first)
    drawn = iter([first - 20_000, second - 20_000])
    monkeypatch.setattr("secrets.randbelow", lambda _: next(drawn))
    assert free_port(first) == second


@pytest.mark.skipif(sys.platform != "linux", reason="it is told elsewhere in another way")
def test_nobody_else_is_given_the_port_of_a_target() -> None:
    given = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text("ascii").split()
    assert free_port() < int(given[0])


def test_placeholders() -> None:
    known = {"port": "80", "upstream.token_url": "https://service.example/token"}
    assert filled("--port={port} {upstream.token_url}", known) == (
        "--port=80 https://service.example/token"
    )


def test_a_placeholder_that_stands_for_nothing() -> None:
    with pytest.raises(UsageError, match=re.escape("{prot} in 'x{prot}' stands for nothing")):
        filled("x{prot}", {"port": "80"})


@pytest.mark.parametrize("text", ['{"mcpServers": {}}', "f({a b})", "{}", "{PORT}"])
def test_other_braces_stay(text: str) -> None:
    assert filled(text, {}) == text


def test_it_runs_with_its_environment_and_is_over_in_the_end(tmp_path: Path) -> None:
    system = described(*COMMAND, env={"GREETING": "port-{port}"})
    known: list[str] = []

    async def ask(target: Launched) -> None:
        known.extend([*await greeting(target), target.url])

    with_target(system, tmp_path, ask)
    process, said, _, url = known
    assert said == f"port-{httpx.URL(url).port}"
    assert "starting" in (tmp_path / "target.log").read_text()
    with pytest.raises(ProcessLookupError):
        os.kill(int(process), 0)


@pytest.mark.parametrize("whose", [None, "user", "target"])
def test_what_it_prints_is_kept_back_only_if_that_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whose: str | None
) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    wanted = {"PYTHONUNBUFFERED": ""}
    if whose == "user":
        monkeypatch.setenv(*wanted.popitem())
    with_target(described(*COMMAND, env=wanted if whose == "target" else {}), tmp_path, greeting)
    assert ("starting" in (tmp_path / "target.log").read_text()) == (whose is None)


def test_a_proxy_of_the_users_is_passed_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "elsewhere.example")

    async def passed_by(target: Launched) -> str:
        return (await greeting(target))[2]

    assert with_target(described(*COMMAND), tmp_path, passed_by) == "elsewhere.example,127.0.0.1"


def test_what_is_left_of_it_may_be_such_as_nobody_may_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: int) -> None:
        raise PermissionError  # as macOS has it for a group of zombies

    monkeypatch.setattr(os, "killpg", refused)
    assert with_target(described(*COMMAND), tmp_path, greeting)


def test_it_starts_again_where_it_was(tmp_path: Path) -> None:
    async def twice(target: Launched) -> tuple[list[str], list[str], str]:
        first, url = await greeting(target), target.url
        await target.restart()
        assert target.url == url
        return first, await greeting(target), url

    first, second, _ = with_target(described(*COMMAND), tmp_path, twice)
    assert first[0] != second[0]


def test_it_is_told_another_place_of_the_service_until_it_starts_again(tmp_path: Path) -> None:
    file = {"path": "{dir}/own.json", "content": "{upstream.url} {upstream.origin}"}
    system = described(*COMMAND, files=[file], env={"GREETING": "{upstream.url}"})

    async def elsewhere() -> tuple[list[str], ...]:
        known = {
            "port": str(free_port()),
            "dir": str(tmp_path),
            "upstream.url": "http://here.example/mcp",
            "upstream.origin": "http://here.example",
        }
        own = tmp_path / "own.json"
        async with launched(system, known, tmp_path, tmp_path / "target.log") as target:
            await target.restart("https://there.example/mcp", {"no_proxy": "any"})
            there = [*(await greeting(target))[1:], own.read_text()]
            await target.restart()
            return there, [*(await greeting(target))[1:2], own.read_text()]

    there, here = asyncio.run(elsewhere())
    url = "https://there.example/mcp"
    assert there == [url, "any", f"{url} http://here.example"]
    assert here == ["http://here.example/mcp", "http://here.example/mcp http://here.example"]


def test_its_files_are_there_before_it_starts(tmp_path: Path) -> None:
    file = {"path": "{dir}/own.json", "content": '{"url": "http://127.0.0.1:{port}"}'}

    async def read(target: Launched) -> None:
        own = tmp_path / "own.json"
        port = httpx.URL(target.url).port
        assert own.read_text() == f'{{"url": "http://127.0.0.1:{port}"}}'
        assert stat.S_IMODE(own.stat().st_mode) == 0o600

    with_target(described(*COMMAND, files=[file]), tmp_path, read)


def test_one_that_ends_says_why(tmp_path: Path) -> None:
    said = fails(
        described("{python}", "-c", "print('starting', flush=True); exit('no database')"), tmp_path
    )
    assert said == (
        "the target ended with exit code 1; it said: no database"
        f" (all of it is in {tmp_path / 'target.log'})"
    )


def test_one_that_is_not_there(tmp_path: Path) -> None:
    said = fails(described("no-such-command"), tmp_path)
    assert said == "the target does not start: no-such-command: No such file or directory"


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"url": "no url"}, "target.url: 'no url' is no URL such as"),
        ({"url": "ftp://127.0.0.1/mcp"}, "target.url: 'ftp://127.0.0.1/mcp' is no URL"),
        ({"url": "http://127.0.0.1:9/mcp", "ready": "/ready"}, "target.ready: '/ready' is no URL"),
        ({"cwd": "no-such-folder"}, "target.cwd: "),
    ],
)
def test_one_that_is_described_wrongly_is_not_started(
    tmp_path: Path, about: dict[str, str], said: str
) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(said)}"):
        with_target(described("false", **about), tmp_path, greeting)


def test_of_a_long_last_line_the_beginning_is_told(tmp_path: Path) -> None:
    said = fails(described("{python}", "-c", "exit('no ' + 1500 * 'x')"), tmp_path)
    assert said.startswith("the target ended with exit code 1; it said: no xxx")
    assert said.count("x") < 250


def test_one_that_ends_while_it_is_used_is_told(tmp_path: Path) -> None:
    async def crash(target: Launched) -> str | None:
        (pid, *_) = await greeting(target)
        before = target.ended()
        os.kill(int(pid), signal.SIGKILL)
        async with asyncio.timeout(10):
            while target.ended() is None:  # noqa: ASYNC110 - a process tells nothing
                await asyncio.sleep(0.01)
        assert before is None
        return target.ended()

    said = with_target(described(*COMMAND), tmp_path, crash)
    assert said is not None
    assert said.startswith("the target ended with exit code -9; it said: ")


def test_one_that_never_answers(tmp_path: Path) -> None:
    system = described("{python}", "-c", "import time; time.sleep(60)", seconds=0.2)
    assert re.fullmatch(
        r"the target does not answer at http://127\.0\.0\.1:\d+/mcp after 0\.2 s",
        fails(system, tmp_path),
    )


def test_one_that_runs_already_is_left_running(tmp_path: Path) -> None:
    async def both(first: Launched) -> list[str]:
        there = described(url=first.url)
        async with running(there, tmp_path) as second:
            assert not second.restartable
            assert await greeting(second) == await greeting(first)
        return await greeting(first)

    assert with_target(described(*COMMAND), tmp_path, both)
