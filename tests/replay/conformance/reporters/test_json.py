import json as format_

import pytest
from jsonschema import Draft202012Validator

from outcomes import HOSTILE, hostile, mixed, report
from wiretape.replay.conformance.report import Report
from wiretape.replay.conformance.reporters.json import json
from wiretape.replay.conformance.reporters.schema import json_schema


@pytest.mark.parametrize("given", [mixed(), hostile(), report()])
def test_it_is_what_the_schema_says(given: Report) -> None:
    schema = format_.loads(json_schema())
    Draft202012Validator.check_schema(schema)
    strict = Draft202012Validator(schema | {"additionalProperties": False})
    strict.validate(format_.loads(json(given)))


def test_a_script_finds_the_outcome() -> None:
    found = format_.loads(json(mixed()))
    assert (found["schema"], found["good"]) == ("wiretape.conformance/1", False)
    assert found["counts"] == {"pass": 1, "fail": 1, "warn": 1, "untestable": 1, "expected": 1}
    assert found["results"][1]["shown"][0]["lines"] == [13, 14]


def test_it_moves_no_terminal() -> None:
    written = json(hostile())
    assert all(line.isprintable() for line in written.splitlines())
    assert format_.loads(written)["results"][0]["seen"] == HOSTILE
