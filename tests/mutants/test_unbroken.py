"""The reference systems pass the whole suite, time and again."""

from pathlib import Path

import pytest

from bridging import PROFILES
from mutants.trying import SYSTEMS, tried
from wiretape.replay.conformance.check import Target
from wiretape.replay.conformance.families import checks

EACH = [
    *(("bridge", profile) for profile in PROFILES),
    *((target, None) for target in SYSTEMS if target != "bridge"),
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("target", "profile"), EACH)
def test_a_system_as_it_ought_to_be_passes_everything(
    target: Target, profile: str | None, tmp_path: Path
) -> None:
    results = tried(target, tmp_path, profile=profile)
    assert [each.id for each in results] == list(checks(target))
    assert [(each.id, each.outcome, each.seen) for each in results if each.outcome != "pass"] == []
