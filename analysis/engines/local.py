"""Folds here: in this process, or with `jobs` more beside it."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from wiretape.analysis.engines.workers import folded, learnt, workers
from wiretape.analysis.folding.audience import Audience, merge
from wiretape.analysis.folding.parts import PART_BYTES, Progress, parts, whole
from wiretape.analysis.folding.whole import Folded, Folding, fold_part, joined
from wiretape.analysis.observers import Watchers, observers


def fold(
    paths: Sequence[Path],
    jobs: int,
    progress: Progress,
    part_bytes: int = PART_BYTES,
    watchers: Watchers = observers,
) -> Folding:
    """Fold recordings."""
    audience = Audience(watchers())
    if jobs == 1:
        each = (fold_part(whole(n, path), audience, progress) for n, path in enumerate(paths))
        return Folding(joined(each, audience), audience.learnt())
    cut = chain.from_iterable(parts(n, path, part_bytes) for n, path in enumerate(paths))
    with workers(jobs, watchers) as working:
        recordings = joined(_heard(folded(cut, working), progress), audience)
        found = audience.learnt()
        for more in learnt(working):
            merge(found, more)
    return Folding(recordings, found)


def _heard(parts: Iterator[Folded], progress: Progress) -> Iterator[Folded]:
    for part in parts:
        progress(part.part.size)
        yield part
