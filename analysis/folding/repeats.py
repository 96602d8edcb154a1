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

    After `settled` no sample takes any more. `number` are those that the tallies were not told of,
    and `last` the last of each point among them. What is counted here is also of `wider`.
    """

    __slots__ = ("last", "measured", "number", "settled", "tallies", "wider")

    def __init__(self, points: Points, wider: "_Told[Thing] | None" = None) -> None:
        self.tallies: list[tuple[Tally, int]] = []
        self.measured: list[tuple[Tally, int, Callable[[Thing], float]]] = []
        self.settled: Point | None = None
        self.number = 0
        self.last = list(points)
        self.wider = wider

    def learns(self, points: Points) -> bool:
        """Whether one more thing, with these points, may bring more than its count."""
        return self.settled is None or points[-1] <= self.settled

    def count(self, thing: Thing, points: Points) -> None:
        """Count one more thing, from which there is nothing to learn."""
        self.number += 1
        last = self.last
        for at, point in enumerate(points):
            if point > last[at]:  # noqa: PLR1730 - max is a call
                last[at] = point
        self.measure(thing, points)
        if self.wider is not None:
            self.wider.measure(thing, points)

    def measure(self, thing: Thing, points: Points) -> None:
        """Measure one more thing."""
        for tally, which, measure in self.measured:
            tally.spread_out(measure(thing), points[which])

    def settle(self) -> None:
        """Tell the tallies what was counted."""
        if not self.number:
            return
        for tally, which in self.tallies:
            tally.repeat(self.number, self.last[which])
        if self.wider is not None:
            self.wider.number += self.number
            self.wider.last = list(map(max, self.wider.last, self.last))
        self.number = 0

    def learn(self, thing: Thing, points: Points, observers: Iterable[Observe[Thing]]) -> None:
        """Tell observers of one more thing."""
        self.settle()
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
        if watching.each:
            _tell(thing, points[0], watching.each)
        learns = told.learns(points)
        if learns:
            told.learn(thing, points, watching.by_kind)
        counting = told
        if watching.by_token:
            mine = self._with_token(told, thing, points)
            if learns or mine.learns(points):
                mine.learn(thing, points, watching.by_token)
            else:
                counting = mine
        if not learns:
            counting.count(thing, points)

    def settle(self) -> None:
        """Bring what was counted here to the tallies."""
        for told in self._tokens.values():
            told.settle()
        for _, told in self._kinds.values():
            told.settle()

    def _with_token(self, of_kind: _Told[Thing], thing: Thing, points: Points) -> _Told[Thing]:
        known_as = (of_kind, self._token(thing))
        told = self._tokens.get(known_as)
        if told is None:
            told = _Told(points, of_kind)
            if len(self._tokens) < _MOST:
                self._tokens[known_as] = told
        return told


def _tell[Thing](thing: Thing, point: Point, observers: Iterable[Observe[Thing]]) -> None:
    for facts, observe in observers:
        for fact in observe(thing):
            facts.add(fact, point)


def _which(point: Point, points: Points) -> int:
    for at, known in enumerate(points):
        if known is point:
            return at
    return -1
