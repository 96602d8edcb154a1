"""Real sessions, recorded: a real client walks a real server below `wiretape record -- CMD`."""

import sys
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
class Walked:
    """A recording of a walk, and what the client saw of it."""

    path: Path
    summary: Summary
    exchanges: tuple[Exchange, ...]
    sessions: tuple[Session, ...]
    gaps: tuple[Gap, ...]


def record_walk(
    client: str,
    server: Server,
    *,
    home: Path,
    out: Path,
    name: str = "walk",
    refresh: bool = False,
    provenance: str = "",
) -> Walked:
    """Record a client's walk; the client must end well, and the recording be read to its end."""
    options = ["--name", name, "--out", str(out), "--provenance", provenance]
    if server.ca_file:
        options += ["--upstream-ca", str(server.ca_file)]
    stdout, stderr = finished(
        [WIRETAPE, "record", *options, "--", *client_command(client, server)],
        client_environment(server) | {"XDG_DATA_HOME": str(home)},
        msgspec.json.encode(replace(server.walk, refresh=refresh)),
    )
    assert "Traceback" not in stderr
    (path,) = out.glob(f"mcp-traffic-{name}-*.jsonl")
    with read(path) as reading:
        lines = list(reading)
        assert reading.cut is None
    found = tuple(exchanges(lines))
    return Walked(
        path=path,
        summary=msgspec.json.decode(stdout.splitlines()[-1], type=Summary),
        exchanges=found,
        sessions=sessions(found),
        gaps=tuple(line.record for line in lines if isinstance(line.record, Gap)),
    )
