"""Makes up a recording of any size: `python -m benchmarks.generated FILE --size 1GB`.

Many users of a few services at once, each with all of a client's life: refused, discovery,
registration, authorization, tokens that expire, MCP sessions over both transports, and what goes
wrong. The same seed gives the same recording. All of it goes through the recorder's own records and
writer, so that a line is what the recorder would write.
"""

import argparse
import heapq
import re
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.scene import START, Scene
from benchmarks.transports import life
from benchmarks.users import Doing, User
from wiretape.recorder.log.records import SCHEMA, Recording
from wiretape.recorder.log.writer import Writer

USERS = 200
"""Users at the same time: for one that goes another comes."""

_BATCH = 1000
_UNITS = {"": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}


def act(scene: Scene, random: Random) -> Iterator[None]:
    """Let users act, for ever, each in its time; pauses whenever a batch of records is full."""
    turns: list[tuple[float, int, Doing[None]]] = []
    order = count()  # of those whose turn is at the same time

    def come() -> None:
        user = User(scene, Random(random.getrandbits(64)))
        begin = scene.now + random.uniform(0, 600)
        heapq.heappush(turns, (begin, next(order), life(user)))

    for _ in range(USERS):
        come()
    while True:
        scene.now, _, doing = heapq.heappop(turns)
        try:
            heapq.heappush(turns, (scene.now + next(doing), next(order), doing))
        except StopIteration:
            come()
        if len(scene.records) >= _BATCH:
            yield


def generate(path: Path, size: int, seed: int = 1) -> Iterator[Counter[str]]:
    """Write a recording of `size` bytes or slightly more; gives what it holds so far.

    Raises EnvironmentFaultError if the file exists or cannot be written.
    """
    scene = Scene()
    opening = Recording(
        schema=SCHEMA,
        recorder="0.1.0",
        name="generated",
        start=START,
        mode="forward",
        provenance=f"made up, seed {seed}",
    )
    writer = Writer(path, opening, warn=sys.exit)
    for _ in act(scene, Random(seed)):
        written = path.stat().st_size
        if written >= size:
            scene.stop()
        writer.append(*scene.records)
        scene.records.clear()
        yield scene.counts
        if written >= size:
            break
    writer.close()


def bytes_of(text: str) -> int:
    """Read a size such as 180MB."""
    found = re.fullmatch(r"(\d+)\s*(kB|MB|GB|)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"not a size: {text!r}; say for example 180MB or 1GB")
    return int(found[1]) * _UNITS[found[2]]


def produce(path: Path, size: int, seed: int = 1) -> Counter[str]:
    """Write a recording and show the progress; gives what it holds."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    held: Counter[str] = Counter()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(f"generating {path.name}", total=size)
        for counts in generate(path, size, seed):
            held = counts
            progress.update(task, completed=path.stat().st_size)
    return held


def main() -> None:
    """Generate, and say what is in the recording."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--size", type=bytes_of, default=10**9)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    counts = produce(arguments.file, arguments.size, arguments.seed)
    size = arguments.file.stat().st_size
    print(f"{size} bytes, {size / counts['exchanges']:.0f} of an exchange")
    for name, number in sorted(counts.items()):
        print(f"{number:>9} {name}")


if __name__ == "__main__":
    main()
