"""Parity: a real server and the replay of its recording, both walked by the same probe.

`make parity` prints, for each server, which share of the findings is equal.
"""

import json
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comparing import compared
from concluded import findings
from peers import serve
from peers.processes import environment
from replayed import WIRETAPE, replaying
from wiretape.analysis.comparison.model import Comparison

SERVERS = ("notes", "notes-sse", "atlassian")

MEASURED = ("latency.", "token.clock_skew", "stream.", "errors.", "clients.")
"""What is measured anew each time, or about the client."""

_PLACE = re.compile(r"https?://127\.0\.0\.1:\d+")


@dataclass(frozen=True)
class Parity:
    """What two probes found, of a server and of its replay; values by the ids of findings."""

    name: str
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
        real = _probed(server.url, headers, folder / "real")
    with replaying(folder, str(real)) as (_, url):
        again = _probed(url, headers, folder / "replayed")
    return Parity(name, compared(real, again), _values(real), _values(again))


def _probed(url: str, headers: dict[str, str], out: Path) -> Path:
    own = [word for each in headers.items() for word in ("--header", ": ".join(each))]
    probe = (*WIRETAPE, "probe", "--active", "--headless", "--quiet", "--rate", "100", "--record")
    home = {"XDG_DATA_HOME": str(out.parent)}
    command = [*probe, "--out", str(out), *own, url]
    subprocess.run(command, env=environment() | home, check=True, timeout=60)
    (recording,) = out.glob("*.jsonl")
    return recording


def _values(recording: Path) -> dict[str, Any]:
    return {
        id_: json.loads(_PLACE.sub("http://service", json.dumps(each.value)))
        for id_, each in findings(recording).items()
        if not id_.startswith(MEASURED)
    }


def main() -> None:
    """Print the parity of each server."""
    for name in SERVERS:
        with tempfile.TemporaryDirectory() as folder:
            found = parity(name, Path(folder))
        print(f"{name}: {found.share:.1%} of {len(found.real)} findings equal")
        for id_, (real, replayed) in found.unequal.items():
            print(f"  {id_}\n    real     {real}\n    replayed {replayed}")
        for each in found.comparison.differences:
            print(f"  {each.severity}: {each.id}: {each.title}")


if __name__ == "__main__":
    main()
