"""The recorder's work, done after the traffic's: what passes is sent on first.

Each task keeps the moment at which it came up. Tasks are done in their order as soon as the bytes
at hand are on their way, before anything else is read: so nothing waits for the recorder, and a
kill finds at most the records of what passed last not yet written.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

from wiretape.recorder.capture.clock import Clock, Moment

type _Task = tuple[Moment, Callable[..., None], tuple[Any, ...], dict[str, Any]]


class Afterwards:
    """A queue of tasks and, while one is done, a clock that stands at the task's moment.

    Whatever a task raises goes to `failed`: the traffic and the other tasks go on.
    """

    def __init__(self, clock: Clock, failed: Callable[[Exception], None]) -> None:
        self._clock = clock
        self._failed = failed
        self._tasks: deque[_Task] = deque()
        self._moment: Moment | None = None

    def now(self) -> Moment:
        """Tell the time at which the task that is being done came up."""
        return self._moment or self._clock.now()

    def do(self, function: Callable[..., None], *args: Any, **kwargs: Any) -> None:
        """Have a function called once the traffic at hand has been sent on."""
        self._tasks.append((self._clock.now(), function, args, kwargs))

    def finish(self) -> None:
        """Do all that is to be done."""
        while self._tasks:
            self._moment, function, args, kwargs = self._tasks.popleft()
            try:
                function(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - whatever it is, the traffic goes on
                self._failed(error)
        self._moment = None
