"""Runs a probe, through the recorder or without it, and ends it well when interrupted."""

import asyncio
import signal
import ssl
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from wiretape.cli.extra import with_mitmproxy
from wiretape.cli.probing import ProbeView
from wiretape.recorder.errors import EnvironmentFaultError, WiretapeError
from wiretape.recorder.probe import callback
from wiretape.recorder.probe.audience import resting
from wiretape.recorder.probe.clock import WallClock
from wiretape.recorder.probe.known import Known, Target
from wiretape.recorder.probe.marks import Marks, NoMarks, RecordingMarks
from wiretape.recorder.probe.plan import Planned
from wiretape.recorder.probe.results import Lifecycle
from wiretape.recorder.probe.runner import Runner
from wiretape.recorder.probe.sender import Sender, http_client
from wiretape.recorder.redaction.redactor import Redactor

if TYPE_CHECKING:
    from wiretape.recorder.capture.session import Listening, Settings


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is to be done; `target` gets its redirect URI when the callback listens."""

    target: Target
    plan: tuple[Planned, ...]
    per_second: float
    callback_port: int
    view: ProbeView


@dataclass
class Outcome:
    """What came of it; `fault` is why it ended early or is not recorded whole."""

    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    recording: Path | None = None
    interrupted: bool = False
    fault: WiretapeError | None = None


async def unrecorded(job: Job, trusted: ssl.SSLContext) -> Outcome:
    """Run the probe over the environment's proxies, if any."""
    outcome = Outcome()
    async with http_client(trusted) as http:
        await _walk(job, http, NoMarks(), outcome)
    return outcome


async def recorded(job: Job, settings: "Settings", redactor: Redactor) -> Outcome:
    """Run the probe through a recorder in this process."""
    session = with_mitmproxy("wiretape.recorder.capture.session")
    outcome, marks = Outcome(), RecordingMarks()

    def listening(where: "Listening") -> None:
        marks.leave = where.mark
        job.view.say(f"recording  {where.path}")

    async def walk(where: "Listening") -> None:
        trusted = ssl.create_default_context(cafile=where.ca_bundle)
        async with http_client(trusted, where.url) as http:
            await _walk(job, http, marks, outcome)

    done = await session.record(
        settings,
        redactor,
        listening=listening,
        watch=marks.see,
        warn=job.view.warn,
        walk=walk,
    )
    outcome.recording = done.path
    if done.failed:
        outcome.fault = EnvironmentFaultError(done.failed)
    return outcome


async def _walk(job: Job, http: httpx.AsyncClient, marks: Marks, outcome: Outcome) -> None:
    """Run the plan. What ends it early is told in the outcome: the recording is worth keeping."""
    clock = WallClock()
    async with callback.listening(job.callback_port) as landing:
        known = Known(replace(job.target, redirect_uri=landing.url))
        outcome.lifecycle = known.lifecycle
        rest = resting(clock, job.view)
        runner = Runner(
            known,
            sender=Sender(http, clock, per_second=job.per_second, rest=rest),
            callback=landing,
            rest=rest,
            marks=marks,
            audience=job.view,
        )
        try:
            outcome.interrupted = await _interruptible(runner.run(job.plan))
        except WiretapeError as fault:
            outcome.fault = fault


async def _interruptible(work: Coroutine[Any, Any, None]) -> bool:
    """Do the work until Ctrl-C or SIGTERM; tell whether that came."""
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        await asyncio.wait([task])
        if task.cancelled():
            return True
        task.result()
        return False
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
