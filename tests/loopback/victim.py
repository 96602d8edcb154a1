"""Recorders that are forked from one process that has imported everything, to be killed.

Starting `wiretape record` takes a second, nearly all of it for imports; here that is spent once.

    python -m loopback.victim

reads paths, a line each, forks a recorder for each that writes into that folder, and prints its id.
"""

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from urllib.parse import urlsplit

from loopback.asking import Proxied
from loopback.recorder import addresses, record_environment
from wiretape import cli

SECONDS = 60


@dataclass
class Victim:
    """A recorder; `path` and `way` are there once it has `started`."""

    out: Path
    handle: int
    path: Path = field(init=False)
    way: Proxied = field(init=False)

    async def started(self) -> None:
        """Wait until it has told where it listens and writes."""
        log, said = self.out / "stderr.txt", dict[str, str]()
        async with asyncio.timeout(SECONDS):
            while "recording" not in said:
                await asyncio.sleep(0.002)
                if log.exists():
                    said = addresses(log.read_text().splitlines(keepends=True))
        self.path = Path(said["recording"])
        self.way = Proxied(urlsplit(said["proxy"]).port or 0)

    def kill(self) -> None:
        """Kill it (SIGKILL) and wait until it is dead; the dead may be killed again."""
        if self.handle < 0:
            return
        signal.pidfd_send_signal(self.handle, signal.SIGKILL)
        select.select([self.handle], [], [], SECONDS)
        os.close(self.handle)
        self.handle = -1


@dataclass
class Forks:
    """The process that forks."""

    process: subprocess.Popen[str]

    def victim(self, out: Path) -> Victim:
        """Fork a recorder that writes into `out`."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{out}\n")
        self.process.stdin.flush()
        return Victim(out, os.pidfd_open(int(self.process.stdout.readline())))


@contextmanager
def forks(home: Path) -> Iterator[Forks]:
    """Run the process that forks; the recorders keep their authority in `home`."""
    with subprocess.Popen(
        [sys.executable, "-m", "loopback.victim"],
        env=record_environment(home) | {"TMPDIR": str(home)},  # the killed do not tidy up
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Forks(process)


def main() -> None:
    for module in iter_modules(cli.__path__):
        import_module(f"wiretape.cli.{module.name}")
    import_module("wiretape.recorder.capture.session")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that the dead are gone at once
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            record(line.rstrip("\n"))
        print(child, flush=True)


def record(out: str) -> None:
    """Become `wiretape record`."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    log = os.open(f"{out}/stderr.txt", os.O_WRONLY | os.O_CREAT, 0o600)
    for target, source in enumerate((nowhere, nowhere, log)):
        os.dup2(source, target)
    sys.argv = ["wiretape", "record", "--out", out, "--listen", "127.0.0.1:0"]
    try:
        cli.main()
    finally:
        os._exit(1)  # it must not go on as its parent


if __name__ == "__main__":
    main()
