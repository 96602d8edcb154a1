"""Facts and their tallies: what remains of a recording after one pass in constant memory.

An observer turns what it sees into facts. Facts with equal keys are tallied: how many there were,
where the first and the last of them stand, and the first few in full. A tally does not depend on
the order in which its facts came, nor on how they were split between tallies that are merged
afterwards. So a recording may be read in parts, by several processes or machines, and gives the
same findings.
"""

from bisect import insort
from collections.abc import Callable, Hashable, Iterator
from datetime import datetime
from typing import Any, NamedTuple, Self

from msgspec import Struct
from msgspec.structs import replace

from wiretape.analysis.times import bucket

KEPT = 8
"""How many facts a tally keeps in full, unless a fact asks for more."""


class Place(NamedTuple):
    """A line of a recording: the recording's index, from 0, and the number of the line."""

    recording: int
    line: int


class Point(Struct, frozen=True, order=True):
    """A place with its times: the wall clock, and seconds since the recording's start."""

    recording: int
    line: int
    at: datetime
    t: float

    @property
    def place(self) -> Place:
        """The line alone."""
        return Place(self.recording, self.line)


class Fact(Struct, frozen=True):
    """Something that was seen. Facts with equal keys are counted together.

    The key is a tuple whose first item names what kind of fact this is; there must be few different
    keys, however long the recording. `value` is anything that pickles, and is kept for the first
    `keep` facts of a key only. Of `measure`, a number or a text, a tally knows the smallest and the
    largest. `point` is where the fact stands, if not where the observer was called.

    `measured` is for what is measured on everything of a kind: it gives the measure, a number, of
    any thing that has this fact. The tally then also knows how many measures are how large.
    """

    key: tuple[Hashable, ...]
    value: Any = None
    measure: Any = None
    point: Point | None = None
    keep: int = KEPT
    measured: Callable[[Any], float] | None = None


class Sight(NamedTuple):
    """One fact that a tally kept."""

    point: Point
    value: Any


class Measured(NamedTuple):
    """The smallest or largest measure of a tally, and where it stands."""

    measure: Any
    place: Place


class _Order:
    """Orders sights by place, and those of one place by their values, whatever these are."""

    __slots__ = ("_point", "_value")

    def __init__(self, sight: Sight) -> None:
        self._point = sight.point
        self._value = sight.value

    def __lt__(self, other: "_Order") -> bool:
        if self._point != other._point:
            return self._point < other._point
        return repr(self._value) < repr(other._value)


class Tally(Struct):
    """All facts of one key.

    `sample` are the first of them, at most as many as a fact asked to keep, in the order of their
    places. `spread` counts what was `measured`, by `times.bucket`.
    """

    count: int
    first: Point
    last: Point
    sample: list[Sight]
    low: Measured | None = None
    high: Measured | None = None
    spread: dict[int, int] = {}

    @property
    def places(self) -> tuple[Place, ...]:
        """Where it was seen: the first few places and the last."""
        found = dict.fromkeys(sight.point.place for sight in self.sample)
        found[self.last.place] = None
        return tuple(found)

    @property
    def values(self) -> list[Any]:
        """The values of the first facts."""
        return [sight.value for sight in self.sample]

    @property
    def value(self) -> Any:
        """The value of the first fact."""
        return self.sample[0].value

    def add(self, fact: Fact, point: Point) -> None:
        """Count one more."""
        self.count += 1
        if point >= self.last:
            self.last = point
        elif point < self.first:
            self.first = point
        sample = self.sample
        if len(sample) < fact.keep or point <= sample[-1].point:
            insort(sample, Sight(point, fact.value), key=_Order)
            del sample[fact.keep :]
        if fact.measured is not None:
            self.spread_out(fact.measure, point)
        elif fact.measure is not None:
            self._measure(fact.measure, point)

    def repeat(self, count: int, last: Point) -> None:
        """Count so many more, all later than the sample, which is full, up to the last of them."""
        self.count += count
        self.last = max(self.last, last)

    def spread_out(self, measure: float, point: Point) -> None:
        """Take the measure of one, without counting it."""
        number = bucket(measure)
        self.spread[number] = self.spread.get(number, 0) + 1
        self._measure(measure, point)

    def merge(self, other: "Tally", keep: int) -> None:
        """Count what another tally of the same key has counted."""
        self.count += other.count
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)
        self.sample = sorted([*self.sample, *other.sample], key=_Order)[:keep]
        for number, count in other.spread.items():
            self.spread[number] = self.spread.get(number, 0) + count
        if other.low is not None and other.high is not None:
            self._bound(other.low, other.high)

    def _measure(self, measure: Any, point: Point) -> None:
        low, high = self.low, self.high
        if low is None or high is None or not low.measure < measure < high.measure:
            mark = Measured(measure, point.place)
            self._bound(mark, mark)

    def _bound(self, low: Measured, high: Measured) -> None:
        """Take equal measures at the place that comes first."""
        if self.low is None or low < self.low:
            self.low = low
        if (
            self.high is None
            or high.measure > self.high.measure
            or (high.measure == self.high.measure and high.place < self.high.place)
        ):
            self.high = high


class Facts:
    """The tallies of one observer, by key."""

    __slots__ = ("_keep", "_tallies")

    def __init__(self) -> None:
        self._tallies: dict[tuple[Hashable, ...], Tally] = {}
        self._keep: dict[Hashable, int] = {}

    def add(self, fact: Fact, point: Point) -> Tally:
        """Tally a fact seen at a point; gives the tally."""
        point = fact.point or point
        tally = self._tallies.get(fact.key)
        if tally is not None:
            tally.add(fact, point)
            return tally
        tally = self._tallies[fact.key] = Tally(0, point, point, [])
        tally.add(fact, point)
        if fact.keep != KEPT:
            self._keep[fact.key[0]] = fact.keep
        return tally

    def merge(self, other: "Facts") -> None:
        """Take over what other facts of the same observer have counted."""
        self._keep |= other._keep
        for key, tally in other._tallies.items():
            mine = self._tallies.get(key)
            if mine is None:
                self._tallies[key] = tally
            else:
                mine.merge(tally, self._keep.get(key[0], KEPT))

    def regrouped(self, key: Callable[[tuple[Hashable, ...]], tuple[Hashable, ...] | None]) -> Self:
        """Give the tallies by other keys, of the same kinds; those without one are left out."""
        found = type(self)()
        found._keep = dict(self._keep)
        for old, tally in self._tallies.items():
            if (new := key(old)) is None:
                continue
            mine = found._tallies.get(new)
            if mine is None:
                found._tallies[new] = replace(tally, spread=dict(tally.spread))
            else:
                mine.merge(tally, self._keep.get(new[0], KEPT))
        return found

    def of(self, kind: str, *rest: Hashable) -> Iterator[tuple[tuple[Any, ...], Tally]]:
        """Give the tallies whose keys begin so, each with the rest of its key.

        In the order in which they were seen first.
        """
        start = (kind, *rest)
        size = len(start)
        found = [(key[size:], tally) for key, tally in self._tallies.items() if key[:size] == start]
        return iter(sorted(found, key=lambda item: (item[1].first, repr(item[0]))))

    def get(self, *key: Hashable) -> Tally | None:
        """Give the tally of a key, if it was seen."""
        return self._tallies.get(key)

    def __iter__(self) -> Iterator[tuple[tuple[Hashable, ...], Tally]]:
        return iter(self._tallies.items())

    def __len__(self) -> int:
        return len(self._tallies)
