"""A client as the target: a command that is run against a service of its own in each trial."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory
from typing import Any

from wiretape.analysis.profile.model import Profile
from wiretape.recorder.capture.client import reverse_environment
from wiretape.recorder.errors import BadInputError, UsageError
from wiretape.recorder.redaction.redactor import Redactor
from wiretape.replay.arming import parsed
from wiretape.replay.clock import Clock
from wiretape.replay.conformance.config import Config, Program
from wiretape.replay.conformance.evidence import NOTE, SIDES, STEP, Sides
from wiretape.replay.conformance.launching import directory, filled, kill_all, values
from wiretape.replay.conformance.reading import sides_mark
from wiretape.replay.conformance.terms.visits import EXIT, KILLED
from wiretape.replay.edge.recording import Taken, recording
from wiretape.replay.edge.serving import Running, running
from wiretape.replay.profiles import profile_named
from wiretape.replay.service import Choices

MODERN, ROOTED, LEGACY = "atlassian-2026-09", "atlassian-2026-03", "atlassian-2025-08"
"""Services that clients meet: of today; without metadata of the resource; with HTTP+SSE only."""


_SECONDS = 25
"""How long a client has, from its start; less than a family."""

_OPENER = """#!{python}
from wiretape.replay.conformance.driving.opener import main
main()
"""
_DESKTOP = {"XDG_CURRENT_DESKTOP": "X-Generic", "DISPLAY": "", "WAYLAND_DISPLAY": ""}
"""What xdg-open looks at before `BROWSER`."""


@dataclass(frozen=True)
class ClientStage:
    """What a play acts on: it brings services to life and runs the client against them."""

    config: Config
    program: Program
    taken: Taken
    clock: Clock
    log: Path

    def step(self, label: str) -> None:
        """Say in the recording what comes next."""
        self._mark(STEP, label)

    def disarm(self) -> None:
        """Do nothing: each trial has a service of its own."""

    def lost(self) -> str | None:
        """Say nothing: each trial has a process of its own."""

    @asynccontextmanager
    async def serving(
        self, profile: str | Profile, *faults: str, **chosen: Any
    ) -> AsyncIterator[Running]:
        """Bring a service to life that nobody knows yet; `chosen` as `Choices` has it."""
        found = profile_named(profile) if isinstance(profile, str) else profile
        choices = Choices(issuer="consistent", **chosen)
        async with running(found, clock=self.clock, choices=choices, taken=self.taken) as service:
            for fault in faults:
                name, said = parsed(fault)
                service.service.faults.arm(name, **said)
            yield service

    async def visit(
        self,
        *faults: str,
        profile: str | Profile = MODERN,
        seconds: float = _SECONDS,
        **chosen: Any,
    ) -> None:
        """Run the client against a service of its own, so long at most."""
        async with self.serving(profile, *faults, **chosen) as service:
            await self.run(service, seconds)

    async def run(self, service: Running, seconds: float = _SECONDS) -> None:
        """Run the client, which knows nothing yet, and note how it ends."""
        with TemporaryDirectory(prefix="wiretape-") as folder:
            known = values(service) | {"python": sys.executable, "dir": folder}
            command = [filled(each, known) for each in self.program.command]
            own = {name: filled(value, known) for name, value in self.program.env.items()}
            env = reverse_environment(os.environ, service.urls[0]) | service.env()
            env |= _DESKTOP | {"BROWSER": _opener(Path(folder))} | own
            with self.log.open("ab") as log:
                try:
                    process = await asyncio.create_subprocess_exec(
                        *command,
                        cwd=directory(self.config.folder / self.program.cwd, "client.cwd"),
                        env=env,
                        stdin=asyncio.subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                except OSError as error:
                    raise UsageError(
                        f"{quote(command[0])}: cannot be run: {error.strerror}"
                    ) from error
            try:
                code = await asyncio.wait_for(process.wait(), seconds)
                self._mark(f"{NOTE}: {EXIT}", str(code))
            except TimeoutError:
                self._mark(f"{NOTE}: {EXIT}", KILLED)
            finally:
                kill_all(process)
                await process.wait()

    def _mark(self, name: str, detail: str) -> None:
        self.taken.afterwards.do(self.taken.recorder.mark, name, detail)
        self.taken.afterwards.finish()


def streaming() -> Profile:
    """Give a service of today that answers every call by an event stream."""
    profile = profile_named(MODERN)
    transport = profile.transport.model_copy(update={"ways": ("stream",)})
    return profile.model_copy(update={"transport": transport})


@asynccontextmanager
async def client_stage(
    config: Config, folder: Path, warn: Callable[[str], None]
) -> AsyncIterator[ClientStage]:
    """Give a stage for the client that a configuration describes.

    Raises BadInputError if it describes none.
    """
    if config.client is None:
        raise BadInputError('a client is tested by its command: say [client] and command = ["…"]')
    clock = Clock()
    log = folder / "client.log"
    log.unlink(missing_ok=True)
    log.touch(mode=0o600)
    with recording(folder, "conform", clock, Redactor(), warn=warn, profile="services") as taken:
        taken.recorder.mark(SIDES, sides_mark(Sides(frozenset())))  # all is upstream
        yield ClientStage(config, config.client, taken, clock, log)


def _opener(folder: Path) -> str:
    """Write the program that stands in for a browser."""
    path = folder / "browser"
    path.write_text(_OPENER.format(python=sys.executable), "utf-8")
    path.chmod(0o700)
    return str(path)
