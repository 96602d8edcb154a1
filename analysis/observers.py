"""Everything that watches a recording: the scene, extractors, diagnoses and pictures."""

from collections.abc import Callable
from functools import cache
from typing import Any

from wiretape.analysis import diagnoses, extractors, pictures, scene
from wiretape.analysis.folding.audience import Observers
from wiretape.analysis.observer import Observer
from wiretape.recorder.discovery import discovered

SCENE = "scene"

type Watchers = Callable[[], Observers]
"""Names the observers that are to watch; a function that a process elsewhere can be told of."""

_KINDS = ((extractors, "EXTRACTOR"), (diagnoses, "DIAGNOSIS"), (pictures, "PICTURE"))


@cache
def observers() -> Observers:
    """Give all observers by name: `scene`, `extractors.…`, `diagnoses.…`, `pictures.…`."""
    watching: dict[str, Observer[Any]] = {
        SCENE: Observer(
            title="Scene",
            wants=frozenset({"mcp", "oauth", "bearer"}),
            exchange=scene.exchange,
            turn=scene.turn,
            repeats="kind",
            conclude=lambda _facts, found: [found],
        )
    }
    for package, name in _KINDS:
        kind = package.__name__.rpartition(".")[2]
        for module, observer in discovered(package, name, Observer).items():
            watching[f"{kind}.{module}"] = observer
    return watching
