"""`make bench`: what an answered call costs, and a token, beside others that stand in for services.

One call of a recording is asked again and again: `tools/call` with a bearer token, a session and
arguments that are matched. Everybody answers with the same bytes, is loaded by `wrk` in turn,
several rounds of it, so that whatever else the machine does hits all. Ratios are of medians.

WireMock's JIT gets its time to warm up. mitmproxy replays from flows, mcp-cassette from a cassette
of that same call; both look at no token.
"""

import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.asking import Call, Grant, free_port, granted, wait
from peers.environments import interpreter, node_program
from peers.processes import end_group, environment, serving

ROUNDS = 5
SECONDS = 4
CONNECTIONS = 16
WARM = 40
"""Seconds that WireMock is loaded before it is measured."""

TARGETS = {
    "WireMock, with journal": 3.0,
    "WireMock, without journal": 0.5,
    "mitmdump --server-replay": 15.0,
    "mcp-cassette serve": 10.0,
}
"""Targets: answers per second, as a multiple of the other's; both keep a journal, or none does."""

_HERE = Path(__file__).parent
_BIN = Path(sys.executable).parent
_RECORDING = _HERE.parent / "fixtures" / "recordings" / "oauth-streamable.jsonl"
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_FAILED = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)")


def main() -> None:
    """Measure and print."""
    if shutil.which("wrk") is None:
        sys.exit("there is no wrk here to make the load; on Debian: apt-get install wrk")
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        calls = dict(_stand_ins(stack, Path(folder)))
        for name, call in calls.items():
            _check(name, call)
        _load(calls["WireMock, with journal"], WARM, folder)
        _load(calls["WireMock, without journal"], WARM, folder)
        rates: dict[str, list[float]] = {name: [] for name in calls}
        for _ in track(range(ROUNDS), "calls", console=Console(stderr=True)):
            for name, call in calls.items():
                rates[name].append(_load(call, SECONDS, folder))
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        flows = dict(_issuers(stack))
        tokens: dict[str, list[float]] = {name: [] for name in flows}
        for _ in track(range(ROUNDS), "tokens", console=Console(stderr=True)):
            for name, script in flows.items():
                tokens[name].append(_tokens(script, folder))
    _print(rates, tokens)


def _stand_ins(stack: ExitStack, folder: Path) -> Iterator[tuple[str, Call]]:
    """Start everybody; gives what to ask of each."""
    ours = [str(_BIN / "wiretape"), "replay", str(_RECORDING), "--quiet", "--expires-in", "86400"]
    url, _ = stack.enter_context(serving(ours, environment()))
    call = granted(url)
    yield "wiretape, with journal", call
    bare, _ = stack.enter_context(serving([*ours, "--journal", "0"], environment()))
    yield "wiretape, without journal", granted(bare)
    for name, *options in (
        ("with journal",),
        ("without journal", "--no-request-journal"),
    ):
        port = stack.enter_context(_wiremock(options))
        yield f"WireMock, {name}", _stubbed(call, f"http://127.0.0.1:{port}")
    yield "mitmdump --server-replay", call.at(stack.enter_context(_mitmdump(call, folder)))
    cassette = stack.enter_context(_cassette(call, folder))
    yield "mcp-cassette serve", call.at(cassette).in_session()


@contextmanager
def _wiremock(options: list[str]) -> Iterator[int]:
    _, module = node_program(_HERE / "others", "node_modules/wiremock")
    (jar,) = Path(module, "build").glob("*.jar")
    port = free_port()
    command = ["java", "-jar", str(jar), "--port", str(port), "--bind-address", "127.0.0.1"]
    with _started([*command, "--disable-banner", *options], port):
        yield port


def _stubbed(call: Call, base: str) -> Call:
    """Have WireMock give the same answer to the same call, if the token is right."""
    answer = call.ask()
    stub = {
        "request": {
            "method": "POST",
            "urlPath": "/mcp",
            "headers": {
                "authorization": {"equalTo": call.headers["authorization"]},
                "mcp-session-id": {"equalTo": call.headers["mcp-session-id"]},
            },
            "bodyPatterns": [
                {"matchesJsonPath": "$[?(@.method == 'tools/call')]"},
                {
                    "matchesJsonPath": {
                        "expression": "$.params",
                        "equalToJson": json.dumps(json.loads(call.body)["params"]),
                    }
                },
            ],
        },
        "response": {
            "status": answer.status_code,
            "headers": {"content-type": answer.headers["content-type"]},
            "body": answer.text,
        },
    }
    httpx.post(f"{base}/__admin/mappings", json=stub, trust_env=False).raise_for_status()
    return call.at(f"{base}/mcp")


@contextmanager
def _mitmdump(call: Call, folder: Path) -> Iterator[str]:
    """Record one call with mitmdump, and replay it."""
    port, flows = free_port(), folder / "flows"
    own = ["--set", f"confdir={folder / 'mitmproxy'}", "--listen-host", "127.0.0.1"]
    upstream = "/".join(call.url.split("/")[:3])
    base = [str(_BIN / "mitmdump"), "-q", "-p", str(port), "--mode", f"reverse:{upstream}", *own]
    path = call.url.removeprefix(upstream)
    with _started([*base, "-w", str(flows)], port):
        call.at(f"http://127.0.0.1:{port}{path}").ask().raise_for_status()
    replay = ["--server-replay", str(flows), "--set", "server_replay_reuse=true"]
    known = ["--set", "server_replay_extra=kill", "--set", "connection_strategy=lazy"]
    with _started([*base, *replay, *known], port):
        yield f"http://127.0.0.1:{port}{path}"


@contextmanager
def _cassette(call: Call, folder: Path) -> Iterator[str]:
    """Record one session with mcp-cassette, and serve it."""
    script, cassette = _HERE / "others" / "cassette.py", folder / "cassette.json"
    python, port = interpreter(script), free_port()
    base = [python, str(script)]
    record = [*base, "record", "--cassette", str(cassette), "--url", call.url, "--port", str(port)]
    with _started(record, port):
        call.at(f"http://127.0.0.1:{port}/mcp").in_session().ask().raise_for_status()
    serve = [*base, "serve", str(cassette), "--port", str(port), "--ordering", "none"]
    with _started(serve, port):
        yield f"http://127.0.0.1:{port}/mcp"


def _issuers(stack: ExitStack) -> Iterator[tuple[str, Grant]]:
    """Start what issues tokens that are JWTs; gives the way to one."""
    ours = [str(_BIN / "wiretape"), "replay", "atlassian-2026-09", "--quiet"]
    url, _ = stack.enter_context(serving(ours, environment()))
    yield "wiretape: register, authorize, token", Grant.discovered(url)
    node, program = node_program(_HERE / "others", "node_modules/.bin/oauth2-mock-server")
    port = free_port()
    stack.enter_context(_started([node, program, "-a", "127.0.0.1", "-p", str(port)], port))
    yield "oauth2-mock-server: authorize, token", Grant.of_mock(f"http://127.0.0.1:{port}")


def _load(call: Call, seconds: int, folder: str) -> float:
    """Ask for so long; gives the answers per second."""
    return _wrk(call.url, call.script(), seconds, CONNECTIONS, folder)


def _tokens(grant: Grant, folder: str) -> float:
    """Obtain tokens for so long; gives tokens per second."""
    return _wrk(grant.url, grant.script(), SECONDS, 1, folder) / grant.steps


def _wrk(url: str, script: str, seconds: int, connections: int, folder: str) -> float:
    path = Path(folder, "load.lua")
    path.write_text(script)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(path), url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    failed, rate = _FAILED.search(said), _RATE.search(said)
    if failed or rate is None:
        sys.exit(f"{url}: {failed[0] if failed else said}")
    return float(rate[1])


def _check(name: str, call: Call) -> None:
    """Make sure that it answers before its speed counts."""
    answer = call.ask()
    if answer.status_code != 200 or "imported 1" not in answer.text:
        sys.exit(f"{name} answers {answer.status_code}: {answer.text[:200]}")


@contextmanager
def _started(command: list[str], port: int) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        command, env=environment(), stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        wait(port)
        yield
    finally:
        end_group(process)


def _print(rates: dict[str, list[float]], tokens: dict[str, list[float]]) -> None:
    median = {name: statistics.median(all_) for name, all_ in (rates | tokens).items()}
    table = Table("", "per second")
    for name, rate in median.items():
        table.add_row(name, f"{rate:,.0f}")
    Console().print(table)
    told: dict[str, Any] = {}
    for name, target in TARGETS.items():
        mine = "wiretape, without journal" if "without" in name else "wiretape, with journal"
        told[name] = {"ratio": round(median[mine] / median[name], 2), "target": target}
    first, second = tokens
    told["tokens, to oauth2-mock-server"] = {"ratio": round(median[first] / median[second], 2)}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
