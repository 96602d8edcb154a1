"""Real servers and the replays of their recordings: the same probe finds the same."""

from pathlib import Path

import pytest
from parity import SERVERS, parity

DOCUMENTED: dict[str, dict[str, str]] = {name: {} for name in SERVERS}
"""Findings that a replay cannot have equal, by the server, and why."""


@pytest.mark.timeout(200)
@pytest.mark.parametrize("name", SERVERS)
def test_a_replay_is_not_told_from_the_server(name: str, tmp_path: Path) -> None:
    found = parity(name, tmp_path)
    assert len(found.real) > 150
    assert found.unequal.keys() == DOCUMENTED[name].keys(), found.unequal
    told = [difference.id for difference in found.comparison.differences]
    assert [id_ for id_ in told if id_ not in DOCUMENTED[name]] == []
