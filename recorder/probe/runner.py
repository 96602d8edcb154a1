"""Runs the steps of a plan, one after the other: here is the probe's I/O."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial

from wiretape.recorder.errors import EnvironmentFaultError
from wiretape.recorder.probe.audience import Audience, Rest
from wiretape.recorder.probe.callback import USER_SECONDS, Callback
from wiretape.recorder.probe.known import Known
from wiretape.recorder.probe.marks import Marks
from wiretape.recorder.probe.plan import Planned
from wiretape.recorder.probe.sender import Sender
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import (
    Answer,
    Ask,
    Close,
    Command,
    Landed,
    Note,
    OverloadedError,
    Receive,
    StepError,
    Visit,
    Wait,
)

_HEADLESS_SECONDS = 5.0


class Runner:
    """Executes a plan; what it learns is in `known`."""

    def __init__(
        self,
        known: Known,
        *,
        sender: Sender,
        callback: Callback,
        rest: Rest,
        marks: Marks,
        audience: Audience,
    ) -> None:
        self._known = known
        self._sender = sender
        self._callback = callback
        self._rest = rest
        self._marks = marks
        self._audience = audience
        self._reached = False
        self._asked = 0

    async def run(self, plan: Iterable[Planned]) -> None:
        """Run the steps. Whatever ends this early, the marks say so.

        Raises EnvironmentFaultError if the service cannot be reached at all, or asks for a rest.
        """
        last = "interrupted"
        await self._mark("probe", "begin")
        try:
            for item in plan:
                why = item.left_out or self._lacking(item.step)
                if why is None:
                    await self._run(item.step)
                else:
                    self._audience.left_out(item.step, why)
                    await self._mark(f"probe {item.step.id}", f"left out: {why}")
            last = "end"
        except OverloadedError as error:
            raise EnvironmentFaultError(f"{error}: stopped") from None
        finally:
            await self._sender.close_all()
            await self._mark("probe", last)

    def _lacking(self, step: Step) -> str | None:
        lacking = [need for need in step.needs if not self._known.has(need)]
        return f"needs {', '.join(lacking)}" if lacking else None

    async def _run(self, step: Step) -> None:
        self._audience.begins(step)
        await self._mark(f"probe {step.id}", "begin")
        try:
            await self._drive(step)
            outcome = "done"
        except StepError as why:
            self._audience.failed(step.id, str(why))
            outcome = "failed"
        session = self._known.session
        await self._sender.close_all(but=session.stream if session else None)
        await self._mark(f"probe {step.id}", outcome)

    async def _drive(self, step: Step) -> None:
        """Pass commands and replies back and forth until the step ends. Raises its StepError."""
        walk = step.walk(self._known)
        self._asked = 0
        advance: Callable[[], Command] = partial(walk.send, None)
        with suppress(StopIteration):
            while True:
                command = advance()
                try:
                    reply = await self._perform(step, command)
                except StepError as why:
                    advance = partial(walk.throw, why)
                else:
                    advance = partial(walk.send, reply)

    async def _perform(self, step: Step, command: Command) -> object:
        match command:
            case Ask():
                return await self._ask(step, command)
            case Receive():
                return await self._sender.receive(command.stream, command.answers)
            case Close():
                await self._sender.close(command.stream)
            case Visit():
                self._audience.visit(command.url)
            case Landed():
                patience = _HEADLESS_SECONDS if self._known.target.headless else USER_SECONDS
                return await self._callback.landed(command.state, patience)
            case Wait():
                await self._rest(command.until, command.title)
            case Note():
                self._audience.note(command.text)
        return None

    async def _ask(self, step: Step, ask: Ask) -> Answer:
        self._asked += 1
        if self._asked > step.most:
            raise StepError(f"more than {step.most} requests")
        await self._mark(f"probe {step.id}", ask.label)
        try:
            answer = await self._answer(ask)
        except StepError as why:
            if not self._reached:
                url = self._known.target.url
                raise EnvironmentFaultError(f"cannot reach {url}: {why}") from why
            self._audience.failed(ask.label, str(why))
            raise
        self._reached = True
        self._audience.answered(ask, answer)
        return answer

    async def _answer(self, ask: Ask) -> Answer:
        """Send a request; an answer that the recorder gave in the service's stead is none."""
        try:
            answer = await self._sender.send(ask)
        except StepError as why:
            raise StepError(self._marks.trouble() or str(why)) from why
        if trouble := self._marks.trouble():
            raise StepError(trouble)
        return answer

    async def _mark(self, name: str, detail: str) -> None:
        await self._marks.mark(name, detail, self._sender.open_streams)
