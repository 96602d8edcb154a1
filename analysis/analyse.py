"""From recordings to what they teach, in one pass."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from wiretape.analysis.diagnosis import Diagnosis
from wiretape.analysis.engines import local
from wiretape.analysis.facts import Facts
from wiretape.analysis.finding import Finding
from wiretape.analysis.folding.parts import Progress
from wiretape.analysis.folding.whole import Folded, Folding
from wiretape.analysis.observers import SCENE, observers
from wiretape.analysis.picture import Picture
from wiretape.analysis.scene import Scene, scene
from wiretape.recorder.log.reader import read
from wiretape.recorder.log.records import Recording

_UNFINISHED = {"begin", "interrupted"}
"""What the probe's last mark says if it did not come to its end."""

type Engine = Callable[[Sequence[Path], Progress], Folding]
"""Folds recordings, in the order of the paths."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A recording that was analysed: where it was read from, its first line, what is in it.

    `lost` is what its gaps count, `strays` are records whose request is not in it; `cut`: its last
    line is incomplete; `unfinished`: it is of a probe that was interrupted.
    """

    path: Path
    opening: Recording
    records: int
    exchanges: int
    lost: int
    strays: int
    cut: bool
    unfinished: bool


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What recordings taught: findings by area, diagnoses, and what pictures show.

    Their places index `sources`.
    """

    sources: tuple[Source, ...]
    scene: Scene
    findings: dict[str, tuple[Finding, ...]]
    diagnoses: tuple[Diagnosis, ...]
    pictures: tuple[Picture, ...]


def single(paths: Sequence[Path], progress: Progress) -> Folding:
    """Fold in this process."""
    return local.fold(paths, 1, progress)


def analyse(
    paths: Sequence[Path], engine: Engine = single, progress: Progress = lambda _: None
) -> Analysis:
    """Read recordings in the order of their time, and conclude from all of them together.

    Raises BadInputError for what is not a recording.
    """
    return taught(*gathered(paths, engine, progress))


def gathered(
    paths: Sequence[Path], engine: Engine, progress: Progress
) -> tuple[Mapping[str, Facts], tuple[Source, ...]]:
    """Read recordings in the order of their time; gives the facts of each observer by its name.

    Raises BadInputError for what is not a recording.
    """
    paths = sorted(paths, key=_start)
    folding = engine(paths, progress)
    return folding.learnt, tuple(map(_source, paths, folding.recordings))


def taught(facts: Mapping[str, Facts], sources: tuple[Source, ...]) -> Analysis:
    """Conclude from the facts of recordings."""
    stage, found = concluded(facts)
    return Analysis(
        sources=sources,
        scene=stage,
        findings=_named(found, "extractors."),
        diagnoses=tuple(chain.from_iterable(_named(found, "diagnoses.").values())),
        pictures=tuple(chain.from_iterable(_named(found, "pictures.").values())),
    )


def _start(path: Path) -> datetime:
    with read(path) as recording:
        return recording.opening.start


def concluded(facts: Mapping[str, Facts]) -> tuple[Scene, dict[str, tuple[Any, ...]]]:
    """Let every observer conclude from its facts, which are there under its name."""
    stage = scene(facts[SCENE])
    return stage, {
        name: tuple(observer.conclude(facts[name], stage)) for name, observer in observers().items()
    }


def _named[Item](concluded: dict[str, tuple[Item, ...]], start: str) -> dict[str, tuple[Item, ...]]:
    return {name.removeprefix(start): c for name, c in concluded.items() if name.startswith(start)}


def _source(path: Path, folded: Folded) -> Source:
    return Source(
        path=path,
        opening=folded.opening,
        records=folded.fold.records,
        exchanges=folded.fold.exchanges,
        lost=folded.fold.lost,
        strays=folded.fold.strays,
        cut=folded.cut,
        unfinished=folded.fold.probe in _UNFINISHED,
    )
