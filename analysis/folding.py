"""Folds one part of a recording: what every engine does, wherever it runs."""

from dataclasses import dataclass

from wiretape.analysis.fold import Fold, Observers
from wiretape.analysis.parts import Lines, Part, Progress
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


def fold_part(part: Part, observers: Observers, progress: Progress = lambda _: None) -> Folded:
    """Fold a part; raises BadInputError for what is not a recording."""
    fold = Fold(observers, part.recording, head=part.head)
    lines = Lines(part, progress)
    for number, record in lines:
        fold.add(number, record)
    return Folded(part, lines.opening, fold, lines.cut)


def merged(first: Folded, then: Folded) -> Folded:
    """Merge a part with the one that follows it in the same recording; both are used up."""
    first.fold.merge(then.fold)
    return Folded(first.part, first.opening, first.fold, then.cut)
