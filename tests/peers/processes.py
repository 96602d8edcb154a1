"""Peers as processes: each in a group of its own, which ends with it."""

import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

PEERS = Path(__file__).parent
ROOT = PEERS.parents[1]

STARTUP_SECONDS = 60
SHUTDOWN_SECONDS = 5
CLIENT_SECONDS = 90

TRUST = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


def environment(ca_file: Path | None = None) -> dict[str, str]:
    """Give this process's environment without its proxies and authorities, trusting `ca_file`.

    The peers that are modules, and the examples beside them, are importable in it.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and name not in {*TRUST, "SSL_CERT_DIR"}
    }
    path = os.pathsep.join((str(PEERS.parent), str(ROOT / "examples")))
    trust = dict.fromkeys(TRUST, str(ca_file)) if ca_file else {}
    return kept | trust | {"PYTHONPATH": path}


@contextmanager
def serving(command: Sequence[str], env: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    """Run a server that prints its URL first; give the URL when it may be used, and its log."""
    with TemporaryDirectory(prefix="peer-") as directory:
        log = Path(directory, "stderr.txt")
        with (
            log.open("wb") as stderr,
            subprocess.Popen(
                command, env=env, stdout=subprocess.PIPE, stderr=stderr, start_new_session=True
            ) as server,
        ):
            try:
                yield ready(server, log), log
            finally:
                end_group(server)


def ready(server: subprocess.Popen[bytes], log: Path) -> str:
    """Wait for the line with the URL, then until its port accepts connections."""
    deadline = time.monotonic() + STARTUP_SECONDS
    assert server.stdout
    with selectors.DefaultSelector() as selector:
        selector.register(server.stdout, selectors.EVENT_READ)
        said = server.stdout.readline() if selector.select(STARTUP_SECONDS) else b""
    url = said.decode().strip()
    while url and server.poll() is None and time.monotonic() < deadline:
        with suppress(ConnectionRefusedError):
            address = urlsplit(url)
            socket.create_connection((address.hostname or "", address.port or 0)).close()
            return url
        time.sleep(0.05)
    raise AssertionError(f"{server.args!r} did not start: {log.read_text()}")


def finished(command: Sequence[str], env: Mapping[str, str], stdin: bytes = b"") -> tuple[str, str]:
    """Run a client to its end, which must be a success; give its stdout and stderr."""
    with subprocess.Popen(
        command,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as client:
        try:
            stdout, stderr = client.communicate(stdin, timeout=CLIENT_SECONDS)
        except subprocess.TimeoutExpired:
            end_group(client)
            stdout, stderr = client.communicate()
        finally:
            end_group(client)
    said = f"{command!r} exited {client.returncode}\n{stdout.decode()}\n{stderr.decode()}"
    assert client.returncode == 0, said
    return stdout.decode(), stderr.decode()


def end_group(leader: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, then kill what is left of its group."""
    leader.terminate()
    with suppress(subprocess.TimeoutExpired):
        leader.wait(SHUTDOWN_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(leader.pid, signal.SIGKILL)
