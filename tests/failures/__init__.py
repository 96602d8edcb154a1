"""Failures produced for real: a real server and a real client that misbehave below the recorder.

    broken = failures.record("trailing_slash", directory)
    mended = failures.record("trailing_slash", directory, mended=True)

One failure a file; the files found are the failures there are. Each has

- `DIAGNOSIS`, the id of the diagnosis that is to recognise it;
- `play(recorder, *, mended)`, which runs its server and its client, with the mistake or without;
- `seen(exchanges)`, which tells whether the failure is to be seen in a recording.
"""

import asyncio
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Protocol, cast

from loopback import Recorder, recording
from wiretape.recorder.log.exchanges import Exchange


class Failure(Protocol):
    """What the module of a failure has."""

    DIAGNOSIS: str

    async def play(self, recorder: Recorder, *, mended: bool) -> None: ...
    def seen(self, exchanges: list[Exchange]) -> bool: ...


def _found() -> dict[str, Failure]:
    names = sorted(module.name for module in iter_modules(__path__))
    modules = {name: import_module(f"{__name__}.{name}") for name in names}
    return {n: cast("Failure", m) for n, m in modules.items() if hasattr(m, "DIAGNOSIS")}


FAILURES = _found()


def record(name: str, directory: Path, *, mended: bool = False) -> Path:
    """Record a failure, or with its mistake mended; gives the recording, which is in `directory`.

    The servers' certificates are nobody's business here, so the recorder does not verify them.
    """
    options = ("--name", f"{name}-mended" if mended else name, "--insecure")
    with recording(directory / "home", directory, *options) as recorder:
        asyncio.run(FAILURES[name].play(recorder, mended=mended))
    return recorder.path
