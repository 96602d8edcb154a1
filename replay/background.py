"""Services in the background of a program that is not asynchronous, such as a test.

All of a process share one thread with one event loop; what changes a service is done there.
"""

import asyncio
import threading
import warnings
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import uvloop

from wiretape.analysis.profile.model import Profile
from wiretape.recorder.redaction.redactor import Redactor
from wiretape.replay.arming import Armed, parsed
from wiretape.replay.clock import Clock
from wiretape.replay.edge.recording import recording
from wiretape.replay.edge.serving import Running, running
from wiretape.replay.edge.tls import authority
from wiretape.replay.journal import Entry
from wiretape.replay.recorded.interaction import Interaction
from wiretape.replay.recorded.knowing import known
from wiretape.replay.recorded.missing import sentence
from wiretape.replay.service import Choices


class StandIn:
    """A service that runs in the background; everything here can be called from any thread."""

    def __init__(self, at: Running) -> None:
        self._at = at

    @property
    def url(self) -> str:
        """The MCP endpoint; the first, if there are two."""
        return self._at.urls[0]

    @property
    def urls(self) -> tuple[str, ...]:
        """The MCP endpoints."""
        return self._at.urls

    @property
    def clock(self) -> Clock:
        """The service's only source of time: it can jump, stop, and run fast."""
        return self._at.service.world.clock

    @property
    def journal(self) -> tuple[Entry, ...]:
        """What was received so far, and what became of it."""
        return self.do(lambda at: tuple(at.service.world.journal))

    def env(self) -> dict[str, str]:
        """Give environment variables that tell a process where the service is; see `Running`.

        A proxy is not asked on the way to it.
        """
        return self._at.env() | {"NO_PROXY": "127.0.0.1,localhost"}

    @property
    def unplayed(self) -> tuple[Interaction, ...]:
        """The recorded calls that nobody has asked yet."""
        return self.do(lambda at: at.service.unplayed())

    def complaints(self) -> tuple[str, ...]:
        """Say which requests nothing recorded answers, and which recorded calls nobody asked."""
        missed = (
            f"request {entry.number}: {sentence(entry.miss)}"
            for entry in self.journal
            if entry.miss is not None
        )
        left = () if self._at.service.choices.partial else self.unplayed
        named = (f"{each.place}: {each.method} {each.name or ''}".rstrip() for each in left)
        return (*missed, *(f"{each} is recorded, and was not asked" for each in named))

    def arm(self, fault: str, **chosen: Any) -> Armed:
        """Arm a fault, such as `unauthorized` or `unauthorized:times=1`. Raises UsageError."""
        name, said = parsed(fault)
        return self.do(lambda at: at.service.faults.arm(name, **said, **chosen))

    def disarm(self, armed: Armed | None = None) -> None:
        """Disarm a fault, or all."""
        faults = self._at.service.faults
        self.do(lambda _at: faults.disarm_all() if armed is None else faults.disarm(armed.id))

    def restart(self) -> None:
        """Lose all tokens and sessions, as a server does that keeps them in its memory."""
        self.do(lambda at: at.service.world.restart())

    def do[Result](self, what: Callable[[Running], Result]) -> Result:
        """Do something to the service where it runs."""

        async def done() -> Result:
            return what(self._at)

        return _finished(done())


@contextmanager
def replayed(
    profile: Profile | str,
    *,
    clock: Clock | None = None,
    choices: Choices | None = None,
    recordings: Sequence[Path | str] = (),
    faults: Sequence[str] = (),
    tls: bool = False,
    record: Path | None = None,
) -> Iterator[StandIn]:
    """Run a service while the context lasts, on a free port of loopback, by https with `tls`.

    What passes is recorded in a file in the folder `record`.

    `profile` may be a file's name, or that of a profile that is shipped, or a recording's. It
    answers as in `recordings`, if there are any. Raises BadInputError for what cannot be read,
    UsageError for a fault that is none.
    """
    found, recorded = known(profile, [*map(Path, recordings)])
    if recorded is not None:
        choices = replace(choices or Choices(), recorded=recorded)
    with ExitStack() as before:
        trusted = before.enter_context(authority()) if tls else None
        clock = clock or Clock()
        taken = None
        if record is not None:
            taken = before.enter_context(
                recording(record, "replay", clock, Redactor(), warn=_warn, profile=found.name)
            )
        stack = AsyncExitStack()
        entered = running(found, clock=clock, choices=choices, authority=trusted, taken=taken)
        service = StandIn(_finished(stack.enter_async_context(entered)))
        before.callback(lambda: _finished(stack.aclose()))
        for fault in faults:
            service.arm(fault)
        yield service


def _warn(line: str) -> None:
    warnings.warn(line, stacklevel=2)


def _finished[Result](work: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run_coroutine_threadsafe(work, _loop()).result()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = uvloop.new_event_loop()  # its time is its own: tests that freeze time do not stop it
    threading.Thread(target=loop.run_forever, name="wiretape replay", daemon=True).start()
    return loop
