"""`wiretape record` as a process, and its recording, read while it is written and afterwards."""

import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from loopback.asking import Proxied
from peers.processes import environment
from wiretape.recorder.log.exchanges import Exchange, Fold, exchanges
from wiretape.recorder.log.reader import Line, Reading, read
from wiretape.recorder.log.records import Error

SECONDS = 60
WIRETAPE = str(Path(sys.executable).with_name("wiretape"))


class _WholeLines:
    """A file that is still being written: what is not yet a whole line is not yet there."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")

    def readline(self, limit: int, /) -> bytes:
        start = self._file.tell()
        line = self._file.readline(limit)
        if line.endswith(b"\n"):
            return line
        self._file.seek(start)
        return b""


@dataclass
class Recorder:
    """A recorder that runs or has run."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    port: int = 0
    ca_bundle: Path = Path()
    path: Path = Path()
    lines: list[Line] = field(default_factory=list)
    ended: list[Exchange] = field(default_factory=list)
    _reading: Reading | None = None
    _fold: Fold = field(default_factory=Fold)

    @property
    def stderr(self) -> str:
        """Give what it has printed so far."""
        return "".join(self.said)

    @property
    def way(self) -> Proxied:
        """The way through this recorder, whose certificates are trusted on it."""
        return Proxied(self.port, ssl.create_default_context(cafile=self.ca_bundle))

    def follow(self) -> None:
        """Read what has been written since."""
        if self._reading is None:
            self._reading = Reading(_WholeLines(self.path), str(self.path))
        for line in self._reading:
            self.lines.append(line)
            if exchange := self._fold.add(line):
                self.ended.append(exchange)

    def exchange(self, url: str) -> Exchange:
        """Give the first exchange about this URL as soon as it has ended."""

        def found() -> Exchange | None:
            self.follow()
            return next((each for each in self.ended if each.request.url == url), None)

        return self.until(found)

    def printed(self, text: str) -> str:
        """Give the one line with this text, as soon as it is printed."""
        (line,) = self.until(lambda: [line for line in self.said if text in line])
        return line

    def error(self, peer: str) -> Error:
        """Give the error about this peer that belongs to no exchange, as soon as it is there."""

        def found() -> Error | None:
            self.follow()
            errors = (line.record for line in self.lines if isinstance(line.record, Error))
            return next((e for e in errors if e.peer == peer and e.exchange is None), None)

        return self.until(found)

    def until[T](self, ready: Callable[[], T | None]) -> T:
        """Wait until `ready` gives something, while the recorder runs."""
        deadline = time.monotonic() + SECONDS
        while not (value := ready()):
            assert time.monotonic() < deadline, f"it never came to it\n{self.stderr}"
            assert self.process.poll() is None, f"the recorder is gone\n{self.stderr}"
            time.sleep(0.005)
        return value

    def recorded(self) -> list[Exchange]:
        """Read the whole recording, which must end with a whole line."""
        with read(self.path) as reading:
            lines = list(reading)
            assert reading.cut is None
        return list(exchanges(lines))

    def resident(self) -> float:
        """Give the process's memory in MiB (proc(5), VmRSS)."""
        return self._memory("VmRSS")

    def peak(self) -> float:
        """Give the most memory in MiB since the start, or since `forget_peak` (VmHWM)."""
        return self._memory("VmHWM")

    def forget_peak(self) -> None:
        """Begin to measure anew."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def processor_time(self) -> float:
        """Give the processor time in seconds that it has used (proc(5), utime and stime)."""
        numbers = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")

    def _memory(self, name: str) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line for line in status if line.startswith(name)).split()[1]) / 1024

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Stop it and give its exit code."""
        self.process.send_signal(how)
        return self.process.wait(SECONDS)

    def listen(self) -> None:
        """Take what it prints, until nobody can print there any more."""
        assert self.process.stderr
        with self.process.stderr as printed:
            self.said.extend(printed)

    def started(self) -> bool:
        """Tell whether it has told all of its addresses, and remember them."""
        said = addresses(self.said)
        if "recording" not in said:
            return False
        self.port = urlsplit(said["proxy"]).port or 0
        self.ca_bundle = Path(said["CA bundle"])
        self.path = Path(said["recording"])
        return True


def addresses(printed: Iterable[str]) -> dict[str, str]:
    """Read where a recorder says that it listens and writes, from the lines that are complete."""
    return {line[:9].strip(): line[9:].strip() for line in printed if line.endswith("\n")}


def record_environment(home: Path) -> dict[str, str]:
    """Give the environment for a recorder that keeps its authority in `home`."""
    return environment() | {"XDG_DATA_HOME": str(home)}


@contextmanager
def recording(
    home: Path,
    out: Path,
    *options: str,
    env: Mapping[str, str] | None = None,
    exit_code: int = 0,
) -> Iterator[Recorder]:
    """Run a recorder that keeps its authority in `home` and its recording in `out`.

    In the end it must give the exit code, and must not have printed a traceback.
    """
    process = subprocess.Popen(
        [WIRETAPE, "record", "--out", str(out), "--listen", "127.0.0.1:0", *options],
        env=record_environment(home) | dict(env or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    recorder = Recorder(process)
    listening = Thread(target=recorder.listen)
    listening.start()
    try:
        recorder.until(recorder.started)
        yield recorder
        if process.poll() is None:
            recorder.stop()
        listening.join(SECONDS)
        assert process.returncode == exit_code, recorder.stderr
        assert "Traceback" not in recorder.stderr, recorder.stderr
    finally:
        process.kill()
        process.wait()
        listening.join()
