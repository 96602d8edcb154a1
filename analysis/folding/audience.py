"""Observers at work: told of exchanges, turns and failures, they learn facts.

The order does not matter, nor that another audience is told of the rest: facts can be merged. So
every process has an audience of its own, for all that it reads.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

from wiretape.analysis.facts import Fact, Facts, Point
from wiretape.analysis.folding.repeats import Observe, Repeats, Watching
from wiretape.analysis.observer import Observer
from wiretape.analysis.traffic.seen import ASPECTS, Seen
from wiretape.analysis.traffic.turns import Turn
from wiretape.recorder.log.records import Error

type Observers = Mapping[str, Observer[Any]]
type Learnt = dict[str, Facts]
"""The facts of all observers, by the observer's name."""


class Audience:
    """Observers, and what they have learnt so far."""

    def __init__(self, observers: Observers) -> None:
        self._observers = observers
        self._facts = {name: Facts() for name in observers}
        self._routing: dict[tuple[bool, ...], Watching[Seen]] = {}
        self._exchanges = Repeats[Seen](self._interested, attrgetter("token"))
        turning = _watching(
            (self._facts[name], observer, observer.turn)
            for name, observer in observers.items()
            if observer.turn is not None
        )
        self._turns = Repeats[Turn](lambda _: turning, attrgetter("channel"))
        self._failing: list[Observe[Error]] = [
            (self._facts[name], observer.error)
            for name, observer in observers.items()
            if observer.error is not None
        ]

    def exchange(self, seen: Seen) -> None:
        """Tell of an exchange that has ended."""
        self._exchanges.tell(seen, seen.kind, seen.points)

    def turn(self, turn: Turn) -> None:
        """Tell of a JSON-RPC message with what became of it."""
        self._turns.tell(turn, turn.kind, turn.points)

    def error(self, record: Error, point: Point) -> None:
        """Tell of a failure to connect on which no request was seen."""
        for facts, observe in self._failing:
            for fact in observe(record):
                facts.add(fact, point)

    def learnt(self) -> Learnt:
        """Give the facts of all they were told of so far."""
        self._exchanges.settle()
        self._turns.settle()
        return self._facts

    def _interested(self, seen: Seen) -> Watching[Seen]:
        aspects = seen.aspects()
        watching = self._routing.get(aspects)
        if watching is None:
            names = {name for name, there in zip(ASPECTS, aspects, strict=True) if there}
            watching = self._routing[aspects] = _watching(
                (self._facts[name], observer, observer.exchange)
                for name, observer in self._observers.items()
                if observer.exchange is not None and not names.isdisjoint(observer.wants)
            )
        return watching


def merge(learnt: Learnt, more: Learnt) -> None:
    """Add what others have learnt; that is used up."""
    for name, facts in more.items():
        learnt[name].merge(facts)


def _watching[Thing](
    observers: Iterable[tuple[Facts, Observer[Any], Callable[[Thing], Iterable[Fact]]]],
) -> Watching[Thing]:
    found = Watching[Thing]()
    wanted = {"never": found.each, "kind": found.by_kind, "token": found.by_token}
    for facts, observer, observe in observers:
        wanted[observer.repeats].append((facts, observe))
    return found
