"""Facts kept apart by the origin asked, so that a recording is read once for all its services."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

from msgspec import structs

from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.folding.audience import Observers
from wiretape.analysis.observer import Observer
from wiretape.analysis.observers import observers
from wiretape.recorder.log import urls

_origin = lru_cache(maxsize=4096)(urls.origin)


@cache
def by_origin() -> Observers:
    """Give all observers; in the keys of their facts the origin asked follows the kind."""
    return {name: _told_apart(observer) for name, observer in observers().items()}


def of_origins(facts: Mapping[str, Facts], kept: Collection[str] | None = None) -> dict[str, Facts]:
    """Give facts `by_origin` as observers have them: of some origins, or of all.

    What failed to connect, for no request, may be of any.
    """

    def key(told: tuple[Hashable, ...]) -> tuple[Hashable, ...] | None:
        kind, place, *rest = told
        return (kind, *rest) if kept is None or place is None or place in kept else None

    return {name: each.regrouped(key) for name, each in facts.items()}


def _told_apart(observer: Observer[Any]) -> Observer[Any]:
    exchange, turn, error = observer.exchange, observer.turn, observer.error
    return replace(
        observer,
        exchange=exchange and (lambda seen: _at(_origin(seen.route), exchange(seen))),
        turn=turn and (lambda said: _at(_origin(said.route), turn(said))),
        error=error and (lambda failed: _at(None, error(failed))),
    )


def _at(place: str | None, facts: Iterable[Fact]) -> Iterator[Fact]:
    for fact in facts:
        yield structs.replace(fact, key=(fact.key[0], place, *fact.key[1:]))
