"""A step of the probe: one file in `steps/`, which defines `STEP`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from wiretape.recorder.probe.known import Known, Need
from wiretape.recorder.probe.talk import Walk

type Effect = Literal["reads", "writes", "burns tokens"]
"""What a step does to the service: `writes` leaves something there, `burns tokens` ends a grant,
or spends a code or a refresh token.
"""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What the probe does at one point of a service's life.

    Steps run in the order of their `position`. `needs` must be known before, `gives` is known
    after it if all went well. `most` is the number of requests that it never exceeds. `visits` is
    how often it opens the browser. A step that is `only_with` an option runs only if that is given.
    """

    id: str
    title: str
    position: int
    walk: Callable[[Known], Walk[None]]
    most: int
    effect: Effect = "reads"
    needs: tuple[Need, ...] = ()
    gives: tuple[Need, ...] = ()
    visits: int = 0
    only_with: str | None = None
