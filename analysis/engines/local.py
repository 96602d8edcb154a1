"""Folds here: in this process, or with `jobs` more beside it."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path

from wiretape.analysis.folding import Folded, fold_part, merged
from wiretape.analysis.observers import Watchers, observers
from wiretape.analysis.parts import PART_BYTES, Part, Progress, parts, whole


def fold(
    paths: Sequence[Path],
    jobs: int,
    progress: Progress,
    part_bytes: int = PART_BYTES,
    watchers: Watchers = observers,
) -> Iterator[Folded]:
    """Give every recording folded whole, in their order."""
    if jobs == 1:
        watching = watchers()
        for recording, path in enumerate(paths):
            yield fold_part(whole(recording, path), watching, progress)
        return
    before: Folded | None = None
    for folded in _side_by_side(paths, jobs, progress, part_bytes, watchers):
        if folded.part.head:
            if before is not None:
                yield before
            before = folded
            before.fold.bind(watchers())
        elif before is not None:
            before = merged(before, folded)
    if before is not None:
        yield before


def _side_by_side(
    paths: Sequence[Path], jobs: int, progress: Progress, part_bytes: int, watchers: Watchers
) -> Iterator[Folded]:
    """Fold parts in several processes; few more of them are under way than there are processes."""
    todo = chain.from_iterable(parts(n, path, part_bytes) for n, path in enumerate(paths))
    # Forking is unsafe where threads run, as a progress bar's does.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        running = deque(pool.submit(_fold, part, watchers) for part in islice(todo, jobs + 1))
        while running:
            folded = running.popleft().result()
            running.extend(pool.submit(_fold, part, watchers) for part in islice(todo, 1))
            progress(folded.part.size)
            yield folded


def _fold(part: Part, watchers: Watchers) -> Folded:
    return fold_part(part, watchers())
