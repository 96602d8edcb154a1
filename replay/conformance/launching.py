"""The target as a process: started from its description, awaited, restarted, ended."""

import asyncio
import os
import re
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from shlex import quote
from types import MappingProxyType
from urllib.parse import urlsplit

import httpx

from wiretape.recorder.capture.client import directly
from wiretape.recorder.errors import EnvironmentFaultError, UsageError
from wiretape.recorder.log.printable import printable
from wiretape.recorder.log.urls import origin
from wiretape.replay.conformance.config import System
from wiretape.replay.edge.serving import Running

_PLACEHOLDER = re.compile(r"\{([a-z]+(?:[._][a-z]+)*)\}")
_ENDING = 5
_PAUSE = 0.03
_TAIL = 2000
_LONGEST = 200
"""Bytes of a log that are looked at for its last line, and characters of that which are told."""
_AT_ONCE = {"PYTHONUNBUFFERED": "1"}
"""Has Python write what it prints at once, though to a file: while it runs the log is searched."""
_PORTS = range(20_000, 32_000)


def filled(text: str, known: Mapping[str, str]) -> str:
    """Put values in the place of `{placeholders}`. Raises UsageError for one that has none."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in known:
            names = ", ".join(sorted(known))
            raise UsageError(f"{found[0]} in {text!r} stands for nothing here; known are {names}")
        return known[found[1]]

    return _PLACEHOLDER.sub(value, text)


def values(service: Running) -> dict[str, str]:
    """Give what placeholders that are about a service stand for."""
    told = {
        "upstream." + name.removeprefix("WIRETAPE_").lower(): value
        for name, value in service.env().items()
        if name.startswith("WIRETAPE_")
    }
    return told | {"upstream.origin": origin(service.urls[0])}


def directory(path: Path, key: str) -> Path:
    """Give a folder that is there. Raises UsageError, which names the key in `wiretape.toml`."""
    if not path.is_dir():
        raise UsageError(f"{key}: {path}: no such folder")
    return path


def _address(key: str, url: str) -> str:
    with suppress(httpx.InvalidURL):
        found = httpx.URL(url)
        if found.scheme in {"http", "https"} and found.host:
            return url
    raise UsageError(f"{key}: {url!r} is no URL such as http://127.0.0.1:{{port}}/mcp")


def kill_all(leader: asyncio.subprocess.Process) -> None:
    """Kill what is left of the group of a process that was started as its leader."""
    with suppress(ProcessLookupError, PermissionError):  # the latter on macOS, if all are zombies
        os.killpg(leader.pid, signal.SIGKILL)


def free_port(other_than: int | None = None) -> int:
    """Give a port of loopback for a target, on which nobody listens.

    Systems hand out none of these by themselves (Linux from 32768 on, others from 49152 as RFC 6335
    has it), so that no other program is given it while the target restarts. Raises
    EnvironmentFaultError if there is none.
    """
    for _ in _PORTS:
        port = _PORTS.start + secrets.randbelow(len(_PORTS))
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", port))
            if port != other_than:
                return port
    raise EnvironmentFaultError("no port is free for the target, of those from 20000 to 32000")


class Launched:
    """A target that runs; `log` has what it printed. `port` is the one that it was given."""

    def __init__(self, system: System, known: Mapping[str, str], folder: Path, log: Path) -> None:
        self.url = _address("target.url", filled(system.url, known))
        self._awaited = _address("target.ready", filled(system.ready or system.url, known))
        self.port = known["port"]
        self.log = log
        self._system = system
        self._known = known
        self._cwd = directory(folder / system.cwd, "target.cwd")
        self._process: asyncio.subprocess.Process | None = None

    @property
    def restartable(self) -> bool:
        """Whether it was started here."""
        return bool(self._system.command)

    async def start(
        self, upstream: str | None = None, env: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Start it and wait until it is ready. Raises EnvironmentFaultError if it never is.

        With `upstream` it is told that the service's MCP endpoint is at this URL, and all else of
        the service where it was; `env` goes to its environment.
        """
        known = self._known if upstream is None else {**self._known, "upstream.url": upstream}
        # Whoever lists processes reads their arguments.
        public = {name: value for name, value in known.items() if "secret" not in name}
        command = [filled(each, public) for each in self._system.command]
        for file in self._system.files:
            _written(Path(filled(file.path, known)), filled(file.content, known))
        if command:
            direct = {"127.0.0.1", urlsplit(upstream or "").hostname or "127.0.0.1"}
            usual = _AT_ONCE | directly(os.environ, ",".join(sorted(direct)))
            own = {name: filled(value, known) for name, value in self._system.env.items()}
            with self.log.open("ab") as log:
                try:
                    self._process = await asyncio.create_subprocess_exec(
                        *command,
                        cwd=self._cwd,
                        env=usual | own | dict(env),
                        stdin=asyncio.subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                except OSError as error:
                    raise EnvironmentFaultError(
                        f"the target does not start: {quote(command[0])}: {error.strerror}"
                    ) from error
        await self._ready()

    async def stop(self) -> None:
        """Ask it to end, then kill what is left of it."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            if process.returncode is None:
                process.terminate()
                with suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), _ENDING)
        finally:  # also for whoever has no patience, and presses Ctrl-C twice
            kill_all(process)
        await process.wait()

    async def restart(
        self, upstream: str | None = None, env: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Stop it and start it again where it was, with what `start` takes."""
        await self.stop()
        await self.start(upstream, env)

    def ended(self) -> str | None:
        """Say that it has ended by itself, and its last words; None if it has not."""
        process = self._process
        if process is None or process.returncode is None:
            return None
        return f"the target ended with exit code {process.returncode}{self._said()}"

    async def _ready(self) -> None:
        at = self._awaited
        try:
            async with (
                asyncio.timeout(self._system.seconds),
                httpx.AsyncClient(trust_env=False, timeout=self._system.seconds) as http,
            ):
                while not await self._answers(http, at):  # noqa: ASYNC110 - a process tells nothing
                    await asyncio.sleep(_PAUSE)
        except TimeoutError as error:
            raise EnvironmentFaultError(
                f"the target does not answer at {at} after {self._system.seconds:g} s{self._said()}"
            ) from error

    async def _answers(self, http: httpx.AsyncClient, at: str) -> bool:
        if (why := self.ended()) is not None:
            raise EnvironmentFaultError(why)
        try:
            async with http.stream("GET", at) as answer:
                return answer.status_code < 500
        except httpx.TransportError:
            return False

    def _said(self) -> str:
        """Quote the last line of its log, and say where the others are."""
        try:
            tail = self.log.read_bytes()[-_TAIL:].decode("utf-8", "replace").split("\n")
        except OSError:
            return ""
        last = next((line.strip() for line in reversed(tail) if line.strip()), None)
        return (
            f"; it said: {printable(last[:_LONGEST])} (all of it is in {self.log})" if last else ""
        )


@asynccontextmanager
async def launched(
    system: System, known: Mapping[str, str], folder: Path, log: Path
) -> AsyncIterator[Launched]:
    """Run a target while the context lasts."""
    target = Launched(system, {"python": sys.executable, **known}, folder, log)
    try:
        await target.start()
        yield target
    finally:
        await target.stop()


def _written(path: Path, content: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
