"""Ordinary traffic repeats itself: what was learnt of one exchange need not be learnt of the next.

As soon as the samples of all tallies are full to which the facts of a kind (`Seen.kind`,
`Turn.kind`) went, all that changes with one more of that kind is the counts, and where the last
was. These are kept here, and brought to the tallies in the end.
"""

from collections.abc import Callable, Hashable, Iterable

from wiretape.analysis.facts import Fact, Facts, Place, Point, Tally

type Observe[Thing] = tuple[Facts, Callable[[Thing], Iterable[Fact]]]
type Points = tuple[Point, ...]
"""Where the facts of a thing may stand: the usual one first, the earliest last."""

_MOST = 20_000
"""How many kinds are remembered: what comes from outside may be of any number of kinds."""


class _Told:
    """The tallies that the facts of a kind went to, each with which of the points that was.

    After `settled` no sample takes any more. `count` are those that the tallies were not told of,
    and `last` the last of each point among them.
    """

    __slots__ = ("count", "last", "settled", "tallies")

    def __init__(
        self, tallies: list[tuple[Tally, int]], settled: Place | None, points: Points
    ) -> None:
        self.tallies = tallies
        self.settled = settled
        self.count = 0
        self.last = list(points)

    def again(self, points: Points) -> None:
        """Count one more."""
        self.count += 1
        last = self.last
        for at, point in enumerate(points):
            if point.place > last[at].place:
                last[at] = point

    def settle(self) -> None:
        """Tell the tallies."""
        if self.count:
            for tally, which in self.tallies:
                tally.repeat(self.count, self.last[which])
            self.count = 0


class Repeats[Thing]:
    """Tells observers of things, of each kind only as long as there is something to learn."""

    def __init__(self) -> None:
        self._told: dict[Hashable, _Told] = {}

    def tell(
        self,
        thing: Thing,
        kind: Hashable | None,
        points: Points,
        observers: Iterable[Observe[Thing]],
    ) -> None:
        """Tell of a thing whose facts stand at some of its points; always, if it has no kind."""
        told = self._told.get(kind)
        if told is not None:
            if told.settled is not None and points[-1].place > told.settled:
                told.again(points)
                return
            told.settle()
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
            self._told[kind] = _Told(tallies, settled, points)

    def settle(self) -> None:
        """Bring what was counted here to the tallies."""
        for told in self._told.values():
            told.settle()


def _which(point: Point | None, points: Points) -> int:
    if point is None:
        return 0
    return next((at for at, known in enumerate(points) if known is point), -1)
