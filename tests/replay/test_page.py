"""The programs that docs/replay.md shows, run as they stand there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from peers.processes import environment
from replayed import WIRETAPE

PAGE = (Path(__file__).parents[2] / "docs/replay.md").read_text(encoding="utf-8")
TESTS, CLIENT = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_tests_shown_pass(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TESTS)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_the_client_shown_lists_the_tools(tmp_path: Path) -> None:
    file = tmp_path / "client.py"
    file.write_text(CLIENT)
    replay = [*WIRETAPE, "replay", "atlassian-2026-09", "--issuer", "consistent", "--quiet", "--"]
    ran = subprocess.run(
        [*replay, sys.executable, file],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "'getVisibleJiraProjects'" in ran.stdout
