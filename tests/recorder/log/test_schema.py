import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from arbitrary import ENTRIES
from play import OPENING, Play
from wiretape.recorder.log.records import Entry
from wiretape.recorder.log.schema import json_schema

COMMITTED = Path(__file__).parents[3] / "docs" / "recording.schema.json"
SCHEMA = json.loads(json_schema())
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_committed_schema_is_the_generated_one() -> None:
    assert COMMITTED.read_text() == json_schema() + "\n", "run: make docs"


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@given(ENTRIES)
def test_what_the_writer_writes_is_valid(record: Entry) -> None:
    VALIDATOR.validate(json.loads(msgspec.json.encode(record)))


def test_a_first_line_is_valid_only_with_this_schema() -> None:
    first = json.loads(msgspec.json.encode(OPENING))
    VALIDATOR.validate(first)
    assert not VALIDATOR.is_valid(first | {"schema": "wiretape/2"})


@pytest.mark.parametrize("change", [{"t": "1"}, {"type": "spark"}, {"name": None}, {"at": 5}])
def test_other_lines_are_not_valid(change: dict[str, Any]) -> None:
    play = Play()
    play.mark("m")
    line = json.loads(msgspec.json.encode(play.records[0]))
    VALIDATOR.validate(line)
    assert not VALIDATOR.is_valid(line | change)


def test_a_body_may_hold_any_json() -> None:
    play = Play()
    play.post("http://h/", [{"a": [None, 1.5, True, "x"]}])
    VALIDATOR.validate(json.loads(msgspec.json.encode(play.records[0])))
