"""The reference systems pass the whole suite; whatever is wrong in a recording, it is judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridging import PROFILES
from mangling import mangled, trials
from mutants.trying import SYSTEMS, tried
from planted import EXAMPLES
from wiretape.recorder.log.reader import read
from wiretape.replay.conformance.check import Target
from wiretape.replay.conformance.families import checks, families
from wiretape.replay.conformance.judging import judge
from wiretape.replay.conformance.reading import sides_told, sorted_out
from wiretape.replay.conformance.report import Result

EACH = [
    *(("bridge", profile) for profile in PROFILES),
    *((target, None) for target in SYSTEMS if target != "bridge"),
]


@dataclass(frozen=True)
class Run:
    target: Target
    results: Sequence[Result]
    recording: Path


@pytest.fixture(scope="module", params=EACH, ids=lambda each: "-".join(filter(None, each)))
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    target, profile = request.param
    folder = tmp_path_factory.mktemp(target)
    results = tried(target, folder, profile=profile)
    (recording,) = folder.glob("*.jsonl")
    return Run(target, results, recording)


@pytest.mark.timeout(300)
def test_a_system_as_it_ought_to_be_passes_everything(run: Run) -> None:
    assert [each.id for each in run.results] == list(checks(run.target))
    bad = [(each.id, each.outcome, each.seen) for each in run.results if each.outcome != "pass"]
    assert bad == []


@pytest.mark.fuzz
@pytest.mark.timeout(300)
def test_its_recording_is_judged_whatever_is_wrong_in_it(run: Run) -> None:
    with read(run.recording) as reading:
        lines = list(reading)
    told = sides_told(lines)
    assert told is not None
    played = trials(lines)

    @settings(max_examples=EXAMPLES // 2)
    @given(st.sampled_from(sorted(played)), st.randoms(use_true_random=True))
    def every_trial(name: str, random: Random) -> None:
        family = families(run.target)[name]
        whole = sorted_out(mangled(played[name], random), told)
        assert len(list(judge({name: family}, whole))) == len(family.checks)

    every_trial()
