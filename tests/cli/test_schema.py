import json
from pathlib import Path

import pytest
from command import Wiretape

from peers.processes import ROOT
from wiretape.analysis.comparison import schema as comparisons
from wiretape.analysis.profile import schema as profiles
from wiretape.analysis.report import schema as reports
from wiretape.recorder.log import schema as recordings
from wiretape.replay.conformance.reporters import schema as conformances

RECORDING = ((), recordings.json_schema(), "recording")
PROFILE = (("--profile",), profiles.json_schema(), "profile")
REPORT = (("--report",), reports.json_schema(), "report")
COMPARISON = (("--comparison",), comparisons.json_schema(), "comparison")
CONFORMANCE = (("--conformance",), conformances.json_schema(), "conformance")


@pytest.mark.parametrize(
    ("options", "expected", "name"), [RECORDING, PROFILE, REPORT, COMPARISON, CONFORMANCE]
)
def test_the_schema_is_printed_and_in_the_docs(
    wiretape: Wiretape, options: tuple[str, ...], expected: str, name: str
) -> None:
    ran = wiretape("schema", *options)
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out) == json.loads(expected)
    shipped = Path(ROOT, "docs", f"{name}.schema.json").read_text(encoding="utf-8")
    assert shipped == ran.out, "run `make docs`"
