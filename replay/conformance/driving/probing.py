"""The probe as a client of the target: it walks it as `wiretape probe` does, and is recorded."""

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from wiretape.recorder.errors import WiretapeError
from wiretape.recorder.probe import callback
from wiretape.recorder.probe.audience import resting
from wiretape.recorder.probe.clock import WallClock
from wiretape.recorder.probe.known import Invocation, Known, Target
from wiretape.recorder.probe.plan import all_steps, plan
from wiretape.recorder.probe.runner import Runner
from wiretape.recorder.probe.sender import Sender, http_client
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Answer, Ask
from wiretape.replay.conformance.stage import Stage, StuckError

_PER_SECOND = 100


async def probed(stage: Stage) -> None:
    """Walk the target through its life. Raises StuckError if it ends the walk early."""
    server = stage.config.server
    calls = tuple(Invocation(name, json.dumps(said)) for name, said in server.calls.items())
    clock, audience = WallClock(), _Audience()
    async with (
        http_client(ssl.create_default_context(), stage.proxy) as http,
        callback.listening(0) as landing,
    ):
        target = Target(
            url=stage.target.url,
            redirect_uri=landing.url,
            headers=tuple(server.headers.items()),
            calls=calls,
            active=True,
            headless=True,
        )
        rest = resting(clock, audience)
        runner = Runner(
            Known(target),
            sender=Sender(http, clock, per_second=_PER_SECOND, rest=rest),
            callback=landing,
            rest=rest,
            marks=_Marks(stage),
            audience=audience,
        )
        try:
            await runner.run(plan(all_steps(), active=True))
        except WiretapeError as error:
            raise StuckError(f"the probe ended early: {error}") from error


class _Marks:
    """Marks of the probe in the recording of the run."""

    def __init__(self, stage: Stage) -> None:
        self._taken = stage.taken

    async def mark(self, name: str, detail: str, streams: int) -> None:
        del streams
        self._taken.afterwards.do(self._taken.recorder.mark, name, detail)

    def trouble(self) -> str | None:
        return None


class _Audience:
    """Nobody: what matters is recorded."""

    def begins(self, step: Step) -> None:
        pass

    def answered(self, ask: Ask, answer: Answer) -> None:
        pass

    def failed(self, what: str, why: str) -> None:
        pass

    def note(self, text: str) -> None:
        pass

    def left_out(self, step: Step, why: str) -> None:
        pass

    def visit(self, url: str) -> None:
        pass

    @contextmanager
    def waiting(self, title: str, seconds: float) -> Iterator[Callable[[float], None]]:
        del title, seconds
        yield lambda _: None
