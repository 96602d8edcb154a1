"""`make bench`: what recording costs, beside mitmdump's own recorder.

Both carry the same load in turn, several rounds of it, so that whatever else the machine does hits
both. Ratios are of medians.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from socket import create_server

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.traffic import Load, Server, listen, post

ROUNDS = 5
SECONDS = 4.0
CONNECTIONS = 8
STREAMS = 4
_BIN = Path(sys.executable).parent


def free_port() -> int:
    """Find a port that nobody listens on."""
    with create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def recorders(directory: Path, ports: dict[str, int]) -> dict[str, list[str]]:
    """Give the commands of what is compared."""
    return {
        "wiretape record": [
            str(_BIN / "wiretape"),
            *("record", "--quiet", "--out", str(directory)),
            *("--listen", f"127.0.0.1:{ports['wiretape record']}"),
        ],
        "mitmdump -q -w": [
            str(_BIN / "mitmdump"),
            *("-q", "-w", str(directory / "flows"), "--set", "stream_large_bodies=1"),
            *("--set", f"confdir={directory / 'mitmproxy'}"),
            *("--listen-host", "127.0.0.1", "-p", str(ports["mitmdump -q -w"])),
        ],
    }


@asynccontextmanager
async def running(command: list[str], port: int) -> AsyncIterator[None]:
    """Run a proxy from when it listens."""
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    try:
        for _ in range(600):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                break
        else:
            sys.exit(f"{command[0]} does not listen")
        yield
    finally:
        process.terminate()
        await process.wait()


async def measure() -> dict[str, list[Load]]:
    """Run all rounds; `direct` is the way without a proxy."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Server, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    target = f"{address[0]}:{address[1]}"
    names = ["wiretape record", "mitmdump -q -w"]
    ports = {name: free_port() for name in names}
    ways = {"direct": address, **{name: ("127.0.0.1", port) for name, port in ports.items()}}
    loads: dict[str, list[Load]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as directory:
        commands = recorders(Path(directory), ports)
        async with (
            running(commands[names[0]], ports[names[0]]),
            running(commands[names[1]], ports[names[1]]),
        ):
            for way in ways.values():
                await post(target, way, CONNECTIONS, 1.0)
            rounds = track(range(ROUNDS), "measuring", console=Console(stderr=True))
            for _ in rounds:
                for name, way in ways.items():
                    load = await post(target, way, CONNECTIONS, SECONDS)
                    load.latencies = (await listen(target, way, STREAMS)).latencies
                    loads[name].append(load)
    server.close()
    return loads


def quantile(loads: list[Load], share: float) -> float:
    """Give a quantile of the latencies of all rounds, in milliseconds."""
    latencies = sorted(latency for load in loads for latency in load.latencies)
    return latencies[int(share * (len(latencies) - 1))] * 1000


def main() -> None:
    """Measure and print."""
    loads = asyncio.run(measure())
    rate = {
        name: statistics.median(load.per_second for load in runs) for name, runs in loads.items()
    }
    added = {
        name: {q: quantile(runs, q) - quantile(loads["direct"], q) for q in (0.5, 0.99)}
        for name, runs in loads.items()
    }
    table = Table("", "requests/s", "added latency of an event, p50 (ms)", "p99 (ms)")
    for name in loads:
        table.add_row(
            name, f"{rate[name]:.0f}", f"{added[name][0.5]:.2f}", f"{added[name][0.99]:.2f}"
        )
    Console().print(table)
    ours, theirs = "wiretape record", "mitmdump -q -w"
    print(
        json.dumps(
            {
                "throughput_ratio": round(rate[ours] / rate[theirs], 2),
                "throughput_target": 2.0,
                "event_latency_ratio_p50": round(added[ours][0.5] / added[theirs][0.5], 2),
                "event_latency_ratio_p99": round(added[ours][0.99] / added[theirs][0.99], 2),
                "event_latency_target": 1.0,
            }
        )
    )


if __name__ == "__main__":
    main()
