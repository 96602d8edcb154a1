"""However a recording is split, and in whatever order the parts are merged, the facts are equal."""

import pickle
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from arbitrary import ENTRIES, consistent
from play import Play
from story import story
from wiretape.analysis.analyse import concluded
from wiretape.analysis.facts import Fact
from wiretape.analysis.folding.audience import Audience, Learnt, merge
from wiretape.analysis.folding.fold import Fold
from wiretape.analysis.observer import Observer
from wiretape.analysis.observers import observers
from wiretape.analysis.traffic.seen import Seen
from wiretape.analysis.traffic.turns import Turn
from wiretape.recorder.log.reader import Line
from wiretape.recorder.log.records import Entry

type Lines = Sequence[Line]


def _everything(seen: Seen) -> Iterator[Fact]:
    yield Fact((seen.method, seen.status), seen.exchange, measure=seen.url)
    yield Fact(("stream",), seen.stream, keep=2)
    yield Fact(("last", seen.request.connection), seen.last)


def _turns(turn: Turn) -> Iterator[Fact]:
    yield Fact((turn.by, turn.outcome), turn, measure=turn.seconds)
    yield Fact((turn.method, turn.over, turn.code), turn.name)


WATCHING = {
    **observers(),
    "everything": Observer(
        title="Everything",
        wants=frozenset({"any"}),
        exchange=_everything,
        turn=_turns,
        conclude=lambda _facts, _scene: (),
    ),
}


def numbered(records: Sequence[Entry]) -> Lines:
    return [Line(number, record) for number, record in enumerate(records, 2)]


class Apart:
    """A fold, and who watches it; several may have the same audience, as in one process."""

    def __init__(self, lines: Lines, *, head: bool = True, beside: "Apart | None" = None) -> None:
        self.audience: Audience = beside.audience if beside else Audience(WATCHING)
        self.fold = Fold(self.audience, 0, head=head)
        for line in lines:
            self.fold.add(*line)


def split(lines: Lines, cuts: Iterable[int], data: st.DataObject) -> list[Apart]:
    """Fold parts, each in one of two processes or in a process of its own."""
    cuts = sorted(cuts)
    parts: list[Apart] = []
    for start, end in zip([0, *cuts], [*cuts, len(lines)], strict=True):
        beside = data.draw(st.sampled_from([*parts[:2], None]))
        parts.append(Apart(lines[start:end], head=start == 0, beside=beside))
    return parts


def learnt(parts: list[Apart], data: st.DataObject) -> Learnt:
    """Merge neighbours, in an order that hypothesis chooses; give what all have learnt."""
    watching = {id(part.audience): part.audience for part in parts}
    left = list(parts)
    while len(left) > 1:
        at = data.draw(st.integers(0, len(left) - 2))
        first, then = left[at], left.pop(at + 1)
        first.fold = pickled(first.fold)
        first.fold.bind(first.audience)
        first.fold.merge(pickled(then.fold))
    left[0].fold.finish()
    found, *rest = [each.learnt() for each in watching.values()]
    for more in rest:
        merge(found, more)
    return found


def pickled(fold: Fold) -> Fold:
    there: Fold = pickle.loads(pickle.dumps(fold))
    return there


def at_once(lines: Lines) -> Learnt:
    whole = Apart(lines)
    whole.fold.finish()
    return whole.audience.learnt()


def tallies(learnt: Learnt) -> dict[str, dict[Any, Any]]:
    return {name: dict(facts) for name, facts in learnt.items()}


@given(consistent(), st.data())
def test_any_split_gives_the_same_facts(records: list[Entry], data: st.DataObject) -> None:
    lines = numbered(records)
    parts = split(lines, data.draw(st.sets(st.integers(1, len(lines)), max_size=6)), data)
    assert tallies(learnt(parts, data)) == tallies(at_once(lines))


@given(st.sets(st.integers(1, 40), max_size=4), st.data())
def test_any_split_of_a_story_gives_the_same_findings(cuts: set[int], data: st.DataObject) -> None:
    lines = story().lines
    assert concluded(learnt(split(lines, cuts, data), data)) == concluded(at_once(lines))


@given(st.lists(ENTRIES, max_size=25))
def test_nothing_raises_whatever_the_records(records: list[Entry]) -> None:
    concluded(at_once(numbered(records)))


@given(st.lists(st.sampled_from(["begin", "interrupted", "end"])), st.data())
def test_how_the_probe_ended_is_known_of_any_split(said: list[str], data: st.DataObject) -> None:
    play = Play()
    for detail in said:
        play.mark("probe", detail)
        play.mark("probe cors", "done")
    at = data.draw(st.integers(0, len(play.lines)))
    first, then = Apart(play.lines[:at]).fold, Apart(play.lines[at:], head=False).fold
    first.merge(then)
    assert first.probe == (said[-1] if said else None)
