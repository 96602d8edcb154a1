"""A recording of several services is read once, and each taught as if it were alone."""

from collections.abc import Sequence
from pathlib import Path

from hypothesis import given

from arbitrary import consistent
from our_bridge import our_bridge
from play import Play
from wiretape.analysis.comparison import known
from wiretape.analysis.comparison.by_origin import by_origin, of_origins
from wiretape.analysis.folding.audience import Audience, Learnt
from wiretape.analysis.folding.fold import Fold
from wiretape.analysis.folding.parts import Progress
from wiretape.analysis.folding.whole import Folding
from wiretape.analysis.observers import observers
from wiretape.recorder.log.records import Entry


def test_both_sides_of_a_bridge_are_read_once(tmp_path: Path) -> None:
    bridge = our_bridge().write(tmp_path / "bridge.jsonl")
    heard: list[int] = []
    read: list[Path] = []

    def engine(paths: Sequence[Path], progress: Progress) -> Folding:
        read.extend(paths)
        return known.single(paths, progress)

    found = known.read(bridge, engine=engine, progress=heard.append)
    assert found.origins.upstream
    assert found.upstream.findings
    assert read == [bridge]
    assert sum(heard) == bridge.stat().st_size


def _learnt(records: list[Entry], *, apart: bool) -> Learnt:
    play = Play()
    play.records = records
    audience = Audience(by_origin() if apart else observers())
    fold = Fold(audience, 0)
    for number, record in play.lines:
        fold.add(number, record)
    fold.finish()
    return audience.learnt()


@given(consistent())
def test_put_together_facts_are_what_they_are(records: list[Entry]) -> None:
    whole = _learnt(records, apart=False)
    again = of_origins(_learnt(records, apart=True))
    for name, facts in whole.items():
        assert dict(again[name]) == dict(facts), name
