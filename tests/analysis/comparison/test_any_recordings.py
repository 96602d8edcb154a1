"""Any two recordings can be compared, and whatever comes of it can be written."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from arbitrary import ENTRIES, consistent
from comparing import compared
from play import Play
from wiretape.analysis.comparison.annotations import annotations
from wiretape.analysis.comparison.files import files
from wiretape.recorder.log.records import Entry

RECORDS = st.lists(ENTRIES, max_size=12) | consistent()


def play(records: list[Entry]) -> Play:
    found = Play()
    found.records = records
    return found


@settings(max_examples=40)
@given(RECORDS, RECORDS)
def test_any_two_can_be_compared(reference: list[Entry], subject: list[Entry]) -> None:
    found = compared(play(reference), play(subject))
    written = dict(files(found))
    json.loads(written["comparison.json"])
    assert all(line.isprintable() for line in annotations(found))


@settings(max_examples=40)
@given(RECORDS)
def test_none_differs_from_itself(records: list[Entry]) -> None:
    found = compared(play(records), play(records))
    assert found.differences == ()
    assert found.unseen == ()
