"""Recordings come from anywhere: whatever is in one, it is judged, and told in every report."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arbitrary import consistent
from mangling import ODD
from planted import EXAMPLES
from wiretape.recorder.log.reader import Line
from wiretape.recorder.log.records import Entry, Mark
from wiretape.replay.conformance.check import Family, Target
from wiretape.replay.conformance.concluding import concluded
from wiretape.replay.conformance.evidence import NOTE, STEP, TRIAL, Sides
from wiretape.replay.conformance.families import TARGETS, families
from wiretape.replay.conformance.reading import sorted_out
from wiretape.replay.conformance.reporters.files import files

EACH = [(target, name) for target in TARGETS for name in families(target)]
SIDES = [Sides(frozenset({"http://h"})), Sides(frozenset()), Sides(frozenset({"://"}))]
DETAILS = st.sampled_from([each for each in ODD if isinstance(each, str)]) | st.text(max_size=8)


def said_by(family: Family) -> Sequence[str]:
    """The texts that a family's file gives names to: steps, notes, and others."""
    if family.play is None:
        return ("a step",)
    named = vars(sys.modules[family.play.__module__])
    return sorted({text for text in named.values() if isinstance(text, str) and len(text) < 80})


@st.composite
def trials(draw: st.DrawFn, name: str, family: Family) -> list[Line]:
    """Any traffic in a trial of a family, with its steps and notes at any time."""
    texts = st.sampled_from(said_by(family))
    step = st.builds(lambda text: (STEP, text), texts)
    note = st.builds(lambda text, detail: (f"{NOTE}: {text}", detail), texts, DETAILS)
    records: list[Entry] = draw(consistent())
    marks = draw(st.lists(st.tuples(st.integers(0, len(records)), step | note), max_size=8))
    at, t = records[0].at, records[0].t
    for place, (kind, detail) in sorted(marks, reverse=True):
        records.insert(place, Mark(at=at, t=t, name=kind, detail=detail))
    records.insert(0, Mark(at=at, t=t, name=TRIAL, detail=name))
    return [Line(number, record) for number, record in enumerate(records, 2)]


@pytest.mark.fuzz
@settings(max_examples=EXAMPLES)
@given(st.data(), st.sampled_from(EACH), st.sampled_from(SIDES))
def test_whatever_was_recorded_is_judged(
    data: st.DataObject, which: tuple[Target, str], sides: Sides
) -> None:
    target, name = which
    family = families(target)[name]
    whole = sorted_out(data.draw(trials(name, family)), sides)
    there = {"recording": Path("any.jsonl"), "out": Path()}
    report = concluded(target, {name: family}, whole, **there, expected={})
    assert [each.id for each in report.results] == [each.id for each in family.checks]
    assert len(dict(files(report, whole))) == 5
