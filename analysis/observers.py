"""Everything that watches a recording: the scene, the extractors and the diagnoses."""

from functools import cache
from typing import Any

from wiretape.analysis import diagnoses, extractors, scene
from wiretape.analysis.fold import Observers
from wiretape.analysis.observer import Observer, discovered

SCENE = "scene"


@cache
def observers() -> Observers:
    """Give all observers by name: `scene`, `extractors.…`, `diagnoses.…`."""
    watching: dict[str, Observer[Any]] = {
        SCENE: Observer(
            title="Scene",
            wants=frozenset({"mcp", "oauth"}),
            exchange=scene.exchange,
            turn=scene.turn,
            conclude=lambda _facts, found: [found],
        )
    }
    for package, name in ((extractors, "EXTRACTOR"), (diagnoses, "DIAGNOSIS")):
        kind = package.__name__.rpartition(".")[2]
        for module, observer in discovered(package, name).items():
            watching[f"{kind}.{module}"] = observer
    return watching
