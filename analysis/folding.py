"""Folds one part of a recording: what every engine does, wherever it runs."""

from dataclasses import dataclass

from wiretape.analysis.fold import Fold, Observers
from wiretape.analysis.parts import Part, Progress, reading
from wiretape.recorder.log.records import Recording


@dataclass(frozen=True)
class Folded:
    """A part of a recording, folded, with the recording's first line.

    `cut`: the last line is incomplete, as a crash leaves it.
    """

    part: Part
    opening: Recording
    fold: Fold
    cut: bool


def fold_part(part: Part, observers: Observers, progress: Progress | None = None) -> Folded:
    """Fold a part; raises BadInputError for what is not a recording."""
    fold = Fold(observers, part.recording, head=part.head)
    with reading(part, progress) as lines:
        for line in lines:
            fold.add(line)
    return Folded(part, lines.opening, fold, lines.cut is not None)


def merged(first: Folded, then: Folded) -> Folded:
    """Merge a part with the one that follows it in the same recording; both are used up."""
    first.fold.merge(then.fold)
    return Folded(first.part, first.opening, first.fold, then.cut)
