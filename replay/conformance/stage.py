"""What a play acts on: the service behind the target, the target, and the recording of both."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from typing import Any

import httpx

from wiretape.replay.arming import Armed, parsed
from wiretape.replay.conformance.config import Config, Kind
from wiretape.replay.conformance.evidence import NOTE, SIDES, STEP, Sides
from wiretape.replay.conformance.launching import Launched
from wiretape.replay.conformance.reading import sides_mark
from wiretape.replay.edge.recording import Taken
from wiretape.replay.edge.secured import Secured, secured
from wiretape.replay.edge.serving import Running
from wiretape.replay.edge.tls import authority
from wiretape.replay.journal import Entry

PATIENCE = 10
"""Seconds that a request of a play takes at most."""


class StuckError(Exception):
    """The play cannot go on: says what was asked and what came instead."""


@dataclass(frozen=True)
class Stage:
    """What a play acts on, all in one event loop; `proxy` records what goes to the target.

    `kind` is what the target is. Nothing is behind a server: the service is not asked anything.
    """

    kind: Kind
    config: Config
    service: Running
    target: Launched
    proxy: str
    taken: Taken

    def step(self, label: str) -> None:
        """Say in the recording what comes next; of everything until then the label is another."""
        self.taken.afterwards.do(self.taken.recorder.mark, STEP, label)
        self.taken.afterwards.finish()

    def note(self, name: str, detail: str) -> None:
        """Say in the recording what is not on the wire; secrets that are become pseudonyms."""
        self.taken.afterwards.finish()  # what passed until now tells what is secret
        redacted = self.taken.recorder.redactor.text(detail)
        self.taken.afterwards.do(self.taken.recorder.mark, f"{NOTE}: {name}", redacted)
        self.taken.afterwards.finish()

    def arm(self, fault: str, **chosen: Any) -> Armed:
        """Have the service misbehave, such as `invalid_grant:times=1`; until the trial is over."""
        name, said = parsed(fault)
        return self.service.service.faults.arm(name, **said, **chosen)

    def disarm(self) -> None:
        """Have the service behave again."""
        self.service.service.faults.disarm_all()

    def lost(self) -> str | None:
        """Say that the target has ended by itself, with its last words; None if it has not."""
        return self.target.ended()

    def advance(self, seconds: float) -> None:
        """Let time pass at the service, at once; the target's own clock goes on as it was."""
        self.service.service.world.clock.advance(seconds)

    @property
    def journal(self) -> tuple[Entry, ...]:
        """What the service was asked in this run."""
        return tuple(self.service.service.world.journal)

    @asynccontextmanager
    async def secured(self) -> AsyncIterator[Secured]:
        """Offer the service by https, too, while the context lasts; the target is not told yet."""
        with authority() as trusted:
            async with secured(self.service, trusted, self.taken) as at:
                sides = Sides(frozenset(), at.origins)
                self.taken.afterwards.do(self.taken.recorder.mark, SIDES, sides_mark(sides))
                yield at

    @asynccontextmanager
    async def http(self, **usual: Any) -> AsyncIterator[httpx.AsyncClient]:
        """Give a client whose exchanges with the target are recorded; it follows no redirect."""
        mounts = dict.fromkeys(self.service.origins.local.values())  # those are recorded there
        async with httpx.AsyncClient(
            proxy=self.proxy,
            mounts=mounts,
            trust_env=False,
            timeout=PATIENCE,
            verify=_tls(),
            **usual,
        ) as http:
            yield http


@cache
def _tls() -> SSLContext:
    """Make the context that httpx would make anew for each client, which takes long."""
    return httpx.create_ssl_context()
