"""Processes beside this one that fold parts; what each has learnt it keeps until the end."""

import signal
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any

from wiretape.analysis.folding.audience import Audience, Learnt
from wiretape.analysis.folding.parts import Part
from wiretape.analysis.folding.whole import Folded, fold_part
from wiretape.analysis.observers import Watchers
from wiretape.recorder.errors import EnvironmentFaultError, WiretapeError

_AHEAD = 2
"""How many parts a process is given at once: the next one is there when it has done one."""

# Forking is unsafe where threads run, as a progress bar's does.
_CONTEXT = get_context("spawn")


class Worker:
    """A process that folds parts in the order in which it is given them."""

    def __init__(self, watchers: Watchers) -> None:
        self.connection, there = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_work, args=(there, watchers), daemon=True)
        self._process.start()
        there.close()

    def give(self, part: Part | None) -> None:
        """Give it a part to fold; nothing, if there are no more."""
        try:
            self.connection.send(part)
        except OSError as error:
            raise self._dead() from error

    def take(self) -> Any:
        """Take a part with what came of it; after the last what was learnt of all.

        Raises EnvironmentFaultError if it is dead.
        """
        try:
            return self.connection.recv()
        except (EOFError, OSError) as error:
            raise self._dead() from error

    def stop(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.join()

    def _dead(self) -> EnvironmentFaultError:
        self._process.join()
        code = self._process.exitcode or 0
        why = signal.strsignal(-code) if code < 0 else f"exit code {code}"
        return EnvironmentFaultError(
            f"one of the processes that read has died ({why}): if memory is short, use less --jobs"
        )


@contextmanager
def workers(count: int, watchers: Watchers) -> Iterator[list[Worker]]:
    """Start processes; in the end they are stopped."""
    started: list[Worker] = []
    # Ctrl-C is for this process, which stops the others.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        try:
            started.extend(Worker(watchers) for _ in range(count))
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        yield started
    finally:
        for worker in started:
            worker.stop()


def folded(parts: Iterable[Part], working: list[Worker]) -> Iterator[Folded]:
    """Have parts folded, each by whichever process is free; gives them in their order.

    Raises what went wrong with a part when it is its turn.
    """
    todo = iter(parts)
    given: deque[Part] = deque()
    done: dict[Part, Folded | WiretapeError] = {}

    def give(worker: Worker) -> None:
        part = next(todo, None)
        if part is not None:
            given.append(part)
            worker.give(part)

    by_connection: dict[Any, Worker] = {worker.connection: worker for worker in working}
    for _ in range(_AHEAD):
        for worker in working:
            give(worker)
    while given:
        for connection in wait(list(by_connection)):
            worker = by_connection[connection]
            part, came = worker.take()
            done[part] = came
            give(worker)
        while given and given[0] in done:
            came = done.pop(given.popleft())
            if isinstance(came, WiretapeError):
                raise came
            yield came


def learnt(working: Iterable[Worker]) -> Iterator[Learnt]:
    """Give what each process has learnt, when there are no more parts to fold."""
    for worker in working:
        worker.give(None)
        yield worker.take()


def _work(connection: Connection, watchers: Watchers) -> None:
    audience = Audience(watchers())
    try:
        while (part := connection.recv()) is not None:
            connection.send((part, _folded(part, audience)))
        connection.send(audience.learnt())
    except (EOFError, OSError):
        pass  # whoever started it is gone


def _folded(part: Part, audience: Audience) -> Folded | WiretapeError:
    try:
        return fold_part(part, audience)
    except WiretapeError as error:
        return error
