"""`make bench`: what a report of a large recording costs, beside `jq` selecting one field from it.

All commands run in turn, several rounds of it, so that whatever else the machine does hits all;
what counts is the best round of each. The recording is generated once and kept in `.cache/`.
"""

import argparse
import hashlib
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.generated import bytes_of, produce

ROUNDS = 3
SAMPLE = 0.1
"""Seconds between two looks at the memory."""

MEMORY = 200_000_000
"""Target: bytes that a report may hold at most."""

TARGETS = {"report --jobs 1": 1.0, "report --jobs 2": 0.5}
"""Target: seconds of each, as a multiple of jq's."""

_JQ = "jq -c .status"
_ROOT = Path(__file__).parents[1]
_GENERATOR = ("generated", "parties", "scene", "sessions", "transports", "users")


@dataclass(frozen=True)
class Run:
    """What a command took: seconds, seconds of all processors, and bytes at most at once."""

    wall: float
    cpu: float
    memory: int


def commands(recording: Path, out: Path) -> dict[str, list[str]]:
    """Give the commands of what is compared."""
    jq = shutil.which("jq")
    if jq is None:
        sys.exit("there is no jq here to compare with; on Debian: apt-get install jq")
    report = [str(Path(sys.executable).parent / "wiretape"), "report", str(recording)]
    return {
        _JQ: [jq, "-c", ".status", str(recording)],
        **{
            f"report --jobs {jobs}": [*report, "-o", str(out / str(jobs)), "--jobs", str(jobs)]
            for jobs in (1, 2)
        },
    }


def recording(size: int) -> Path:
    """Give a generated recording, made anew if the generator has changed since."""
    sources = b"".join((_ROOT / "benchmarks" / f"{name}.py").read_bytes() for name in _GENERATOR)
    cache = _ROOT / ".cache" / "benchmarks"
    path = cache / f"{size}-{hashlib.sha256(sources).hexdigest()[:16]}.jsonl"
    if not path.exists():
        for old in cache.glob(f"{size}-*"):
            old.unlink()
        begun = path.with_suffix(".part")
        begun.unlink(missing_ok=True)
        produce(begun, size)
        begun.rename(path)
    return path


def run(command: list[str]) -> Run:
    """Run a command with all its processes to its end; exits if it fails."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said) as process,
    ):
        memory = 0
        while process.poll() is None:
            memory = max(memory, sum(map(held, family(process.pid))))
            try:
                process.wait(SAMPLE)
            except subprocess.TimeoutExpired:
                continue
        wall = time.perf_counter() - start
        if process.returncode:
            said.seek(0)
            why = said.read().decode(errors="replace").strip()
            sys.exit(f"{' '.join(command)}\nended with {process.returncode}: {why}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(wall, cpu, memory)


def family(process: int) -> Iterator[int]:
    """Give a process and all that came of it."""
    yield process
    try:
        threads = list(Path(f"/proc/{process}/task").iterdir())
        children = [child for at in threads for child in (at / "children").read_text().split()]
    except OSError:  # it has ended
        return
    for child in children:
        yield from family(int(child))


def held(process: int) -> int:
    """Say how many bytes a process holds, with its share of what several of them hold."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def measure(compared: dict[str, list[str]]) -> dict[str, list[Run]]:
    """Run all rounds."""
    runs: dict[str, list[Run]] = {name: [] for name in compared}
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("measuring", total=ROUNDS * len(compared))
        for number in range(1, ROUNDS + 1):
            for name, command in compared.items():
                progress.update(task, description=f"round {number} of {ROUNDS}: {name}")
                runs[name].append(run(command))
                progress.advance(task)
    return runs


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=bytes_of, default=10**9, help="such as 100MB; else 1GB")
    path = recording(parser.parse_args().size)
    with tempfile.TemporaryDirectory() as out:
        runs = measure(commands(path, Path(out)))
    best = {name: min(taken, key=lambda run: run.wall) for name, taken in runs.items()}
    memory = {name: max(run.memory for run in taken) for name, taken in runs.items()}
    table = Table("", "seconds", "of all processors", "of jq's", "target", "MB at most", "target")
    for name, run_ in best.items():
        table.add_row(
            name,
            f"{run_.wall:.1f}",
            f"{run_.cpu:.1f}",
            f"{run_.wall / best[_JQ].wall:.2f}",
            f"{TARGETS[name]:.2f}" if name in TARGETS else "",
            f"{memory[name] / 1e6:.0f}",
            f"{MEMORY / 1e6:.0f}" if name in TARGETS else "",
        )
    Console().print(table)
    measured = {
        name: {
            "time_ratio": round(best[name].wall / best[_JQ].wall, 2),
            "time_target": target,
            "megabytes": round(memory[name] / 1e6),
            "megabytes_target": MEMORY // 10**6,
        }
        for name, target in TARGETS.items()
    }
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
