"""A PostgreSQL server of Debian's package, on a socket of its own, by a user without privileges."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from peers.processes import SHUTDOWN_SECONDS, STARTUP_SECONDS

INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda at: int(at.parent.name))


@contextmanager
def postgres() -> Iterator[str]:
    """Run a server with an empty database; gives its URL. Without one, CI fails, others skip."""
    if not INSTALLED:
        missing = "PostgreSQL is missing: apt-get install postgresql"
        if os.environ.get("CI"):
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    programs = INSTALLED[-1]
    user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    with TemporaryDirectory(prefix="pg-") as home:
        if user is not None:
            shutil.chown(home, user)
        data, log = Path(home, "data"), Path(home, "log.txt")
        create = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"]
        subprocess.run(create, user=user, check=True, stdout=subprocess.DEVNULL)
        options = ("listen_addresses=", f"unix_socket_directories={home}", "fsync=off")
        command = [programs / "postgres", "-D", data]
        for option in options:
            command += ["-c", option]
        with (
            log.open("wb") as stderr,
            subprocess.Popen(command, user=user, stderr=stderr, start_new_session=True) as server,
        ):
            try:
                await_answer(programs, home, server, log)
                yield f"postgresql://postgres@/postgres?host={home}"
            finally:
                server.send_signal(signal.SIGINT)  # it ends at once, whoever is connected
                with suppress(subprocess.TimeoutExpired):
                    server.wait(SHUTDOWN_SECONDS)
                server.kill()


def await_answer(programs: Path, home: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    asked = [programs / "pg_isready", "-q", "-h", home]
    while subprocess.run(asked, check=False).returncode:
        alive = server.poll() is None and time.monotonic() < deadline
        assert alive, f"PostgreSQL did not start: {log.read_text()}"
        time.sleep(0.05)
