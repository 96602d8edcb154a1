"""Folds recordings, whole or part by part: what every engine does, wherever it runs."""

from collections.abc import Iterable
from dataclasses import dataclass

from wiretape.analysis.folding.audience import Audience, Learnt
from wiretape.analysis.folding.fold import Fold
from wiretape.analysis.folding.parts import Lines, Part, Progress
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


@dataclass(frozen=True)
class Folding:
    """What came of recordings: each of them folded whole, and what was learnt of all together."""

    recordings: tuple[Folded, ...]
    learnt: Learnt


def fold_part(part: Part, audience: Audience, progress: Progress = lambda _: None) -> Folded:
    """Fold a part; raises BadInputError for what is not a recording."""
    fold = Fold(audience, part.recording, head=part.head)
    lines = Lines(part, progress)
    for number, record in lines:
        fold.add(number, record)
    return Folded(part, lines.opening, fold, lines.cut)


def merged(first: Folded, then: Folded) -> Folded:
    """Merge a part with the one that follows it in the same recording; both are used up."""
    first.fold.merge(then.fold)
    return Folded(first.part, first.opening, first.fold, then.cut)


def joined(parts: Iterable[Folded], audience: Audience) -> tuple[Folded, ...]:
    """Join the parts of recordings, in their order, to whole ones; the parts are used up.

    The audience is told what no part could tell by itself.
    """
    whole: list[Folded] = []
    for folded in parts:
        if folded.part.head:
            if whole:
                whole[-1].fold.finish()
            folded.fold.bind(audience)
            whole.append(folded)
        else:
            whole[-1] = merged(whole[-1], folded)
    if whole:
        whole[-1].fold.finish()
    return tuple(whole)
