"""How steps are run: marks, bounds, failures, streams, interruptions."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from loopback.origin import Origin, Script, Turn
from loopback.origin import answer as script
from loopback.wire import chunk, event, response, stream_head
from paper import URL, known
from wiretape.recorder.errors import EnvironmentFaultError
from wiretape.recorder.probe.audience import resting
from wiretape.recorder.probe.callback import listening
from wiretape.recorder.probe.clock import WallClock
from wiretape.recorder.probe.known import Known, Need, Session, Target
from wiretape.recorder.probe.plan import Planned
from wiretape.recorder.probe.runner import Runner
from wiretape.recorder.probe.sender import Sender, http_client
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Answer, Ask, Note, StepError, Wait, Walk, ask


@dataclass
class Watched:
    """Sees the marks and all else, in one list."""

    seen: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    left: list[float] = field(default_factory=list)

    async def mark(self, name: str, detail: str, streams: int) -> None:
        self.seen.append(f"{name}: {detail}" + (f" ({streams} open)" if streams else ""))

    def trouble(self) -> str | None:
        return self.troubles.pop() if self.troubles else None

    def begins(self, step: Step) -> None:
        pass

    def answered(self, ask: Ask, answer: Answer) -> None:
        self.seen.append(str(answer.status))

    def failed(self, what: str, why: str) -> None:
        self.seen.append(f"{what} failed")

    def note(self, text: str) -> None:
        self.seen.append(text)

    def left_out(self, step: Step, why: str) -> None:
        pass

    def visit(self, url: str) -> None:
        self.seen.append(f"visit {url}")

    @contextmanager
    def waiting(self, title: str, seconds: float) -> Iterator[Callable[[float], None]]:
        yield self.left.append


def step(
    walk: Callable[[Known], Walk[None]], *, most: int = 5, needs: tuple[Need, ...] = ()
) -> Step:
    return Step(id="it", title="It", position=1, walk=walk, most=most, needs=needs)


def run(
    play: Script,
    walk: Callable[[Known], Walk[None]],
    *,
    most: int = 5,
    needs: tuple[Need, ...] = (),
    left_out: str | None = None,
    watched: Watched | None = None,
    during: Callable[[asyncio.Task[None]], Awaitable[None]] | None = None,
) -> list[str]:
    """Run one step against a service; gives what was seen."""
    watched = watched or Watched()

    async def within() -> None:
        clock = WallClock()
        rest = resting(clock, watched)
        async with (
            asyncio.timeout(20),
            Origin(play) as origin,
            listening(0) as callback,
            http_client(ssl.create_default_context()) as http,
        ):
            runner = Runner(
                Known(Target(url=f"{origin.url}/mcp", redirect_uri=callback.url)),
                sender=Sender(http, clock, per_second=1000, rest=rest),
                callback=callback,
                rest=rest,
                marks=watched,
                audience=watched,
            )
            step = Step(id="it", title="It", position=1, walk=walk, most=most, needs=needs)
            task = asyncio.create_task(runner.run([Planned(step, left_out)]))
            if during is not None:
                await during(task)
            await task

    asyncio.run(within())
    return watched.seen


def get(found: Known, label: str = "GET it", *, keep: bool = False) -> Walk[Answer]:
    return ask(Ask(label=label, method="GET", url=found.target.url, keep=keep))


def walk_once(found: Known) -> Walk[None]:
    yield from get(found)


def test_every_point_has_its_mark():
    assert run(script(response()), walk_once) == [
        "probe: begin",
        "probe it: begin",
        "probe it: GET it",
        "200",
        "probe it: done",
        "probe: end",
    ]


def test_a_step_that_gives_up_is_marked_as_failed():
    def walk(found: Known) -> Walk[None]:
        yield from get(found)
        raise StepError("enough")

    assert run(script(response()), walk)[-3:] == ["it failed", "probe it: failed", "probe: end"]


def test_a_step_that_is_left_out_or_lacks_something_says_so():
    assert run(script(response()), walk_once, left_out="skipped") == [
        "probe: begin",
        "probe it: left out: skipped",
        "probe: end",
    ]
    seen = run(script(response()), walk_once, needs=("server", "tokens"))
    assert seen[1] == "probe it: left out: needs server, tokens"


def test_a_step_never_sends_more_than_it_says():
    def walk(found: Known) -> Walk[None]:
        for number in range(5):
            try:
                yield from get(found, f"GET {number}")
            except StepError as why:
                yield Note(str(why))

    seen = run(script(response()), walk, most=2)
    assert seen.count("200") == 2
    assert seen.count("more than 2 requests") == 3


def test_a_service_that_cannot_be_reached_is_a_fault_of_the_environment():
    def walk(found: Known) -> Walk[None]:
        yield Ask(label="nobody", method="GET", url="http://127.0.0.1:1/")

    watched = Watched()
    with pytest.raises(EnvironmentFaultError, match=r"cannot reach http://127\.0\.0\.1:"):
        run(script(response()), walk, watched=watched)
    assert watched.seen[-1] == "probe: interrupted"


def test_an_answer_in_the_service_s_stead_is_none():
    watched = Watched(troubles=["no such host"])
    with pytest.raises(EnvironmentFaultError, match="no such host"):
        run(script(response(status=b"502 Bad Gateway")), walk_once, watched=watched)


def test_once_it_was_reached_a_failure_is_the_step_s():
    def walk(found: Known) -> Walk[None]:
        yield from get(found)
        try:
            yield Ask(label="nobody", method="GET", url="http://127.0.0.1:1/")
        except StepError:
            yield Note("went on")

    assert run(script(response()), walk)[-4:] == [
        "nobody failed",
        "went on",
        "probe it: done",
        "probe: end",
    ]


def test_a_service_that_wants_a_rest_ends_the_run():
    busy = response(b"", b"Retry-After: 9999", status=b"503 Service Unavailable")
    watched = Watched()
    with pytest.raises(EnvironmentFaultError, match="9999 s: stopped"):
        run(script(busy), walk_once, watched=watched)
    assert watched.seen[-1] == "probe: interrupted"


async def streaming(turn: Turn) -> None:
    await turn.read()
    await turn.send(stream_head() + chunk(event(b"x")))
    await turn.reader.read()


def test_streams_end_with_their_step_but_for_the_session_s():
    def walk(found: Known) -> Walk[None]:
        yield from get(found, keep=True)
        kept = yield from get(found, "GET another", keep=True)
        found.session = Session("sse", URL, stream=kept.stream)

    seen = run(streaming, walk)
    assert "probe it: GET another (1 open)" in seen
    assert seen[-2:] == ["probe it: done (1 open)", "probe: end"]


def test_an_interruption_leaves_its_mark():
    async def interrupt(task: asyncio.Task[None]) -> None:
        await asked.wait()
        task.cancel()

    async def silent(turn: Turn) -> None:
        asked.set()
        await turn.reader.read()

    asked, watched = asyncio.Event(), Watched()
    with pytest.raises(asyncio.CancelledError):
        run(silent, walk_once, watched=watched, during=interrupt)
    assert watched.seen[-1] == "probe: interrupted"


def test_waiting_is_told_and_ends():
    def walk(found: Known) -> Walk[None]:
        answer = yield from get(found)
        yield Wait(answer.at + timedelta(seconds=0.05), "a moment")
        yield Wait(answer.at, "what is past")

    watched = Watched()
    run(script(response()), walk, watched=watched)
    assert watched.left
    assert all(0 < left <= 0.05 for left in watched.left)


def test_there_is_nothing_to_know_at_first():
    assert not any(known().has(need) for need in ("server", "client", "tokens", "session"))
