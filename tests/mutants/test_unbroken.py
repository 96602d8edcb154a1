"""The reference systems pass the whole suite, time and again."""

from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest

from bridging import PROFILES
from mutants.trying import SYSTEMS, tried
from peers.postgres import postgres
from wiretape.replay.conformance.check import Target
from wiretape.replay.conformance.families import checks
from wiretape.replay.conformance.report import Result

EACH = [
    *(("bridge", profile) for profile in PROFILES),
    *((target, None) for target in SYSTEMS if target != "bridge"),
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("target", "profile"), EACH)
def test_a_system_as_it_ought_to_be_passes_everything(
    target: Target, profile: str | None, tmp_path: Path
) -> None:
    assert_passes_everything(target, tried(target, tmp_path, profile=profile))


@pytest.mark.timeout(300)
def test_a_gateway_on_postgresql_passes_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres() as url:
        monkeypatch.setenv("GATEWAY_DATABASE", url)
        assert_passes_everything("gateway", tried("gateway", tmp_path))
        with psycopg.connect(url) as database:
            kept = database.execute("SELECT count(*) FROM connections").fetchone()
    assert kept is not None
    assert kept[0] > 0


def assert_passes_everything(target: Target, results: Sequence[Result]) -> None:
    assert [each.id for each in results] == list(checks(target))
    assert [(each.id, each.outcome, each.seen) for each in results if each.outcome != "pass"] == []
