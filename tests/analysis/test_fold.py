"""However a recording is split, and in whatever order the parts are merged, the facts are equal."""

from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from arbitrary import ENTRIES, consistent
from play import Play
from story import story
from wiretape.analysis.analyse import concluded
from wiretape.analysis.facts import Fact
from wiretape.analysis.fold import Fold
from wiretape.analysis.observer import Observer
from wiretape.analysis.observers import observers
from wiretape.analysis.seen import Seen
from wiretape.analysis.turns import Turn
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


def folded(lines: Lines, *, head: bool = True) -> Fold:
    fold = Fold(WATCHING, 0, head=head)
    for line in lines:
        fold.add(*line)
    return fold


def tallies(fold: Fold) -> dict[str, dict[Any, Any]]:
    fold.finish()
    return {name: dict(facts) for name, facts in fold.facts.items()}


def merged(parts: list[Fold], data: st.DataObject) -> Fold:
    """Merge neighbours, in an order that hypothesis chooses."""
    while len(parts) > 1:
        at = data.draw(st.integers(0, len(parts) - 2))
        parts[at].merge(parts.pop(at + 1))
    return parts[0]


@given(consistent(), st.data())
def test_any_split_gives_the_same_facts(records: list[Entry], data: st.DataObject) -> None:
    lines = numbered(records)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(lines)), max_size=6)))
    edges = list(zip([0, *cuts], [*cuts, len(lines)], strict=True))
    parts = [folded(lines[start:end], head=start == 0) for start, end in edges]
    assert tallies(merged(parts, data)) == tallies(folded(lines))


@given(st.lists(st.integers(1, 40), max_size=4, unique=True), st.data())
def test_any_split_of_a_story_gives_the_same_findings(cuts: list[int], data: st.DataObject) -> None:
    lines = story().lines
    edges = list(zip([0, *sorted(cuts)], [*sorted(cuts), len(lines)], strict=True))
    parts = [folded(lines[start:end], head=start == 0) for start, end in edges]
    parted, whole = merged(parts, data), folded(lines)
    parted.finish()
    whole.finish()
    assert concluded(parted.facts) == concluded(whole.facts)


@given(st.lists(ENTRIES, max_size=25))
def test_nothing_raises_whatever_the_records(records: list[Entry]) -> None:
    fold = folded(numbered(records))
    fold.finish()
    concluded(fold.facts)


@given(st.lists(st.sampled_from(["begin", "interrupted", "end"])), st.data())
def test_how_the_probe_ended_is_known_of_any_split(said: list[str], data: st.DataObject) -> None:
    play = Play()
    for detail in said:
        play.mark("probe", detail)
        play.mark("probe cors", "done")
    lines = play.lines
    at = data.draw(st.integers(0, len(lines)))
    parts = [folded(lines[:at]), folded(lines[at:], head=False)]
    assert merged(parts, data).probe == (said[-1] if said else None)
