"""Parity: a real server and the replay of its recording, both walked by the same probe.

`make parity` prints, for each server, which share of the findings is equal, and what is not.
"""

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from comparing import compared
from concluded import findings
from peers import serve
from peers.processes import environment
from replayed import WIRETAPE, replaying
from wiretape.analysis.comparison.model import Comparison

SERVERS = {
    "notes": "the MCP SDK's server with OAuth, streamable HTTP",
    "notes-sse": "the MCP SDK's server with OAuth, HTTP+SSE",
    "atlassian": "mcp-atlassian",
}

MEASURED = {
    "latency.*": "how long answers take depends on the machine's load",
    "stream.*.lifetime": "streams live for as long as the probe looks at them",
    "token.clock_skew": "the server's clock is told in whole seconds, and read between them",
}
"""Findings that are measured anew each time, and why; they are left out."""

_SECONDS = 90
_PLACE = re.compile(r"https?://127\.0\.0\.1:\d+")


@dataclass(frozen=True)
class Parity:
    """What two probes found, of a server and of its replay; values by the ids of findings."""

    comparison: Comparison
    real: dict[str, Any]
    replayed: dict[str, Any]

    @property
    def unequal(self) -> dict[str, tuple[Any, Any]]:
        """The findings that differ, or are of one side only: the real value, the replayed."""
        ids = sorted(self.real.keys() | self.replayed.keys())
        both = {id_: (self.real.get(id_), self.replayed.get(id_)) for id_ in ids}
        return {id_: pair for id_, pair in both.items() if pair[0] != pair[1]}

    @property
    def share(self) -> float:
        """The share of findings that are equal."""
        everything = self.real.keys() | self.replayed.keys()
        return 1 - len(self.unequal) / len(everything)


def parity(name: str, folder: Path) -> Parity:
    """Probe a server, replay the recording, and probe that."""
    with serve(name) as server:
        headers = server.walk.headers
        real = probed(server.url, headers, folder / "real")
    with replaying(folder, str(real)) as (_, url):
        again = probed(url, headers, folder / "replayed")
    return Parity(compared(real, again), _values(real), _values(again))


def probed(url: str, headers: dict[str, str], out: Path) -> Path:
    """Probe a server, all of it; gives the recording."""
    own = [word for each in headers.items() for word in ("--header", ": ".join(each))]
    probe = (*WIRETAPE, "probe", "--active", "--headless", "--quiet", "--rate", "100", "--record")
    home = {"XDG_DATA_HOME": str(out.parent)}
    command = [*probe, "--out", str(out), *own, url]
    subprocess.run(command, env=environment() | home, check=True, timeout=_SECONDS)
    (recording,) = out.glob("*.jsonl")
    return recording


def _values(recording: Path) -> dict[str, Any]:
    return {
        id_: json.loads(_PLACE.sub("http://service", json.dumps(each.value)))
        for id_, each in findings(recording).items()
        if not any(fnmatch(id_, pattern) for pattern in MEASURED)
    }


def main(names: list[str]) -> None:
    """Print the parity of servers."""
    for name in names or SERVERS:
        with tempfile.TemporaryDirectory() as folder:
            found = parity(name, Path(folder))
        count = len(found.real)
        print(f"{name}: {found.share:.1%} of {count} findings equal ({SERVERS[name]})")
        for id_, (real, replayed) in found.unequal.items():
            print(f"  {id_}\n    real     {real}\n    replayed {replayed}")
        for each in found.comparison.differences:
            print(f"  {each.severity}: {each.id}: {each.title}")


if __name__ == "__main__":
    main(sys.argv[1:])
