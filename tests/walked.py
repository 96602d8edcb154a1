"""Real sessions, recorded: real clients at real servers, below `wiretape record -- CMD`."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from peers import Server, Summary, client_command, client_environment
from peers.processes import finished
from wiretape.recorder.log.exchanges import Exchange, exchanges
from wiretape.recorder.log.reader import read
from wiretape.recorder.log.records import Gap
from wiretape.recorder.log.sessions import Session, sessions

WIRETAPE = str(Path(sys.executable).with_name("wiretape"))


@dataclass(frozen=True)
class Recorded:
    """A recording, read to its end, and what its client printed."""

    path: Path
    stdout: str
    exchanges: tuple[Exchange, ...]
    sessions: tuple[Session, ...]
    gaps: tuple[Gap, ...]

    @property
    def summary(self) -> Summary:
        """What a client of the peers saw."""
        return msgspec.json.decode(self.stdout.splitlines()[-1], type=Summary)


def record_command(
    command: Sequence[str],
    server: Server,
    *,
    home: Path,
    out: Path,
    name: str = "walk",
    provenance: str = "",
    stdin: bytes = b"",
) -> Recorded:
    """Record a command, which must end well, with the recorder's authority in `home`."""
    options = ["--name", name, "--out", str(out)]
    if provenance:
        options += ["--provenance", provenance]
    if server.ca_file:
        options += ["--upstream-ca", str(server.ca_file)]
    stdout, stderr = finished(
        [WIRETAPE, "record", *options, "--", *command],
        client_environment(server) | {"XDG_DATA_HOME": str(home)},
        stdin,
    )
    assert "Traceback" not in stderr, stderr
    (path,) = out.glob(f"mcp-traffic-{name}-*.jsonl")
    with read(path) as reading:
        lines = list(reading)
        assert reading.cut is None
    found = tuple(exchanges(lines))
    gaps = tuple(line.record for line in lines if isinstance(line.record, Gap))
    return Recorded(path, stdout, found, sessions(found), gaps)


def record_walk(
    client: str,
    server: Server,
    *,
    home: Path,
    out: Path,
    name: str = "walk",
    provenance: str = "",
    refresh: bool = False,
) -> Recorded:
    """Record a client's walk through a server."""
    return record_command(
        client_command(client, server),
        server,
        home=home,
        out=out,
        name=name,
        provenance=provenance,
        stdin=msgspec.json.encode(replace(server.walk, refresh=refresh)),
    )
