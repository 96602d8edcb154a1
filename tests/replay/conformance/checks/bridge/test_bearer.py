"""How long is waited until a token of a bridge is over."""

from pathlib import Path

import pytest
from conforming import run

from mutants.trying import EXAMPLES, TESTS
from wiretape.replay.conformance import config as configs
from wiretape.replay.conformance.report import Result

ID = "bearer.expired"


def lenient(folder: Path, **said: float) -> Result:
    """Judge a bridge that takes tokens for four seconds after they are over."""
    config = configs.read(EXAMPLES / "bridge" / "wiretape.toml")
    assert config.target is not None
    python, minus_m, _, *words = config.target.command
    command = (python, minus_m, "mutants.bridge", "tokens-are-over-late", "--", *words)
    system = {"command": command, "env": {"PYTHONPATH": str(TESTS)}}
    changed = {
        "target": config.target.model_copy(update=system),
        "bridge": config.bridge.model_copy(update=said),
    }
    return run("bridge", config.model_copy(update=changed), folder, [ID])[ID]


@pytest.mark.parametrize(("leeway", "outcome"), [(0, "fail"), (4, "pass")])
def test_a_leeway_that_is_said_is_waited_for(leeway: float, outcome: str, tmp_path: Path) -> None:
    assert lenient(tmp_path, leeway=leeway).outcome == outcome


def test_what_is_over_too_late_is_not_waited_for(tmp_path: Path) -> None:
    result = lenient(tmp_path, wait=0.5)
    assert result.outcome == "untestable"
    assert "a play waits 0.5 s ([bridge] wait)" in result.seen
