"""Ordinary traffic repeats itself: what was learnt of one exchange need not be learnt of the next.

Of the tallies that facts of a kind went to, all that changes with one more is the count and where
the last was seen, as soon as their samples are full. That takes a tenth of the time that it takes
to ask all observers again, and is why there are kinds (`Seen.kind`, `Turn.kind`).
"""

from collections.abc import Callable, Hashable, Iterable, Sequence

from wiretape.analysis.facts import Fact, Facts, Place, Point, Tally

type Observe[Thing] = tuple[Facts, Callable[[Thing], Iterable[Fact]]]

_MOST = 10_000
"""How many kinds are remembered: what comes from outside may be of any number of kinds."""


class _Told:
    """The tallies that the facts of one kind went to, each with which point that was.

    After `settled` no sample takes any more.
    """

    __slots__ = ("settled", "tallies")

    def __init__(self, tallies: list[tuple[Tally, int]], settled: Place | None) -> None:
        self.tallies = tallies
        self.settled = settled


class Repeats[Thing]:
    """Tells observers of things, of each kind only as long as there is something to learn."""

    def __init__(self) -> None:
        self._told: dict[Hashable, _Told] = {}

    def tell(
        self,
        thing: Thing,
        kind: Hashable | None,
        points: Sequence[Point],
        observers: Iterable[Observe[Thing]],
    ) -> None:
        """Tell of a thing, whose facts stand at one of its points, as a rule the first.

        The last of the points is the earliest. A thing without a kind is always told.
        """
        told = self._told.get(kind)
        if told is not None and told.settled is not None and points[-1].place > told.settled:
            for tally, which in told.tallies:
                tally.again(points[which])
            return
        tallies: list[tuple[Tally, int]] = []
        settled: Place | None = Place(-1, 0)
        for facts, observe in observers:
            for fact in observe(thing):
                tally = facts.add(fact, points[0])
                which = _which(fact.point, points)
                tallies.append((tally, which))
                if settled is not None:
                    full = which >= 0 and len(tally.sample) >= fact.keep
                    settled = max(settled, tally.sample[-1].point.place) if full else None
        if kind is not None and (told is not None or len(self._told) < _MOST):
            self._told[kind] = _Told(tallies, settled)


def _which(point: Point | None, points: Sequence[Point]) -> int:
    if point is None:
        return 0
    return next((at for at, known in enumerate(points) if known is point), -1)
