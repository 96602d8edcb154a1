"""Ordinary traffic repeats itself: what was learnt of one exchange need not be learnt of the next.

As soon as the samples of all tallies are full to which the facts of a kind (`Seen.kind`,
`Turn.kind`) went, all that changes with one more of that kind is the counts, what is measured, and
where the last was. These are kept here, and brought to the tallies in the end.
"""

from collections.abc import Callable, Hashable, Iterable

from wiretape.analysis.facts import Fact, Facts, Point, Tally

type Observe[Thing] = tuple[Facts, Callable[[Thing], Iterable[Fact]]]
type Points = tuple[Point, ...]
"""Where the facts of a thing may stand: the usual one first, the earliest last."""

_MOST = 20_000
"""How many kinds are remembered: what comes from outside may be of any number of kinds."""


class Watching[Thing]:
    """Who is to be told of things: of each, or of each kind or token while there is more to learn.

    Of the things of one kind the same are told.
    """

    __slots__ = ("by_kind", "by_token", "each")

    def __init__(self) -> None:
        self.each: list[Observe[Thing]] = []
        self.by_kind: list[Observe[Thing]] = []
        self.by_token: list[Observe[Thing]] = []

    def tell_all(self, thing: Thing, point: Point) -> None:
        """Tell all of them of a thing that is told of at a point."""
        for observers in (self.each, self.by_kind, self.by_token):
            _tell(thing, point, observers)


class _Told[Thing]:
    """The tallies that the facts of a kind went to, each with which of the points that was.

    After `settled` no sample takes any more. `count` are those that the tallies were not told of,
    and `last` the last of each point among them.
    """

    __slots__ = ("count", "last", "measured", "settled", "tallies")

    def __init__(self, points: Points) -> None:
        self.tallies: list[tuple[Tally, int]] = []
        self.measured: list[tuple[Tally, int, Callable[[Thing], float]]] = []
        self.settled: Point | None = None
        self.count = 0
        self.last = list(points)

    def tell(self, thing: Thing, points: Points, observers: Iterable[Observe[Thing]]) -> None:
        """Tell observers of one more thing, if they learn from it; else count it."""
        if self.settled is None or points[-1] <= self.settled:
            self.settle()
            self._learn(thing, points, observers)
            return
        self.count += 1
        last = self.last
        for at, point in enumerate(points):
            if point > last[at]:  # noqa: PLR1730 - max is a call
                last[at] = point
        for tally, which, measure in self.measured:
            tally.spread_out(measure(thing), points[which])

    def settle(self) -> None:
        """Tell the tallies what was counted."""
        if self.count:
            for tally, which in self.tallies:
                tally.repeat(self.count, self.last[which])
            self.count = 0

    def _learn(self, thing: Thing, points: Points, observers: Iterable[Observe[Thing]]) -> None:
        self.tallies, self.measured, self.last = [], [], list(points)
        full, latest = True, points[-1]
        for facts, observe in observers:
            for fact in observe(thing):
                tally = facts.add(fact, points[0])
                which = 0 if fact.point is None else _which(fact.point, points)
                self.tallies.append((tally, which))
                if fact.measured is not None:
                    self.measured.append((tally, which, fact.measured))
                full = full and which >= 0 and len(tally.sample) >= fact.keep
                latest = max(latest, tally.sample[-1].point)
        self.settled = latest if full else None


class Repeats[Thing]:
    """Tells observers of things, of each kind only as long as there is something to learn.

    `watching` says who is to be told of a thing, `token` with whose token it came.
    """

    def __init__(
        self, watching: Callable[[Thing], Watching[Thing]], token: Callable[[Thing], Hashable]
    ) -> None:
        self._watching = watching
        self._token = token
        self._kinds: dict[Hashable, tuple[Watching[Thing], _Told[Thing]]] = {}
        self._tokens: dict[Hashable, _Told[Thing]] = {}

    def tell(self, thing: Thing, kind: Hashable | None, points: Points) -> None:
        """Tell of a thing whose facts stand at some of its points; always, if it has no kind."""
        known = self._kinds.get(kind)
        if known is None:
            watching = self._watching(thing)
            if kind is None or len(self._kinds) >= _MOST:
                watching.tell_all(thing, points[0])
                return
            known = self._kinds[kind] = (watching, _Told(points))
        watching, told = known
        _tell(thing, points[0], watching.each)
        told.tell(thing, points, watching.by_kind)
        if watching.by_token:
            self._by_token(told, thing, points, watching.by_token)

    def settle(self) -> None:
        """Bring what was counted here to the tallies."""
        for _, told in self._kinds.values():
            told.settle()
        for told in self._tokens.values():
            told.settle()

    def _by_token(
        self,
        of_kind: _Told[Thing],
        thing: Thing,
        points: Points,
        observers: Iterable[Observe[Thing]],
    ) -> None:
        known_as = (of_kind, self._token(thing))
        told = self._tokens.get(known_as)
        if told is None:
            if len(self._tokens) >= _MOST:
                _tell(thing, points[0], observers)
                return
            told = self._tokens[known_as] = _Told(points)
        told.tell(thing, points, observers)


def _tell[Thing](thing: Thing, point: Point, observers: Iterable[Observe[Thing]]) -> None:
    for facts, observe in observers:
        for fact in observe(thing):
            facts.add(fact, point)


def _which(point: Point, points: Points) -> int:
    for at, known in enumerate(points):
        if known is point:
            return at
    return -1
