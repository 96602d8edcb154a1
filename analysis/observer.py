"""What watches a recording go by: extractors and diagnoses, one a file, found by discovery."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.finding import Finding
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.analysis.traffic.turns import Turn
from wiretape.recorder.log.records import Error

type Aspect = Literal[
    "any",
    "bearer",
    "cors",
    "failed",
    "mcp",
    "oauth",
    "redirect",
    "refused",
    "stream",
]
"""What an exchange may be of interest for; `Seen.aspects` says when it is."""


@dataclass(frozen=True, kw_only=True)
class Observer[Conclusion]:
    """Turns what passes into facts, and in the end the facts into conclusions.

    `exchange` is called for every exchange that has one of the aspects it `wants`, when the
    exchange has ended; `turn` for every JSON-RPC message with what became of it; `error` for every
    failure to connect on which no request was seen. All are pure: they know nothing of what came
    before. `conclude` gets all facts, and the scene: which route plays which role.

    `repeats` promises that the facts of ordinary exchanges and turns (those that have a kind, see
    `Seen.kind` and `Turn.kind`) depend on nothing but that `kind`, or that and the `token` and a
    session id that is given; their values and measures apart. The observer is then not asked again
    and again.
    """

    title: str
    wants: frozenset[Aspect] = frozenset()
    exchange: Callable[[Seen], Iterable[Fact]] | None = None
    turn: Callable[[Turn], Iterable[Fact]] | None = None
    error: Callable[[Error], Iterable[Fact]] | None = None
    repeats: Literal["never", "kind", "token"] = "never"
    conclude: Callable[[Facts, Scene], Iterable[Conclusion]]


Extractor = Observer[Finding]
