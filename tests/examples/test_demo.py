"""`make demo`, run as anybody might run it."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from peers.processes import environment
from walked import WIRETAPE

DEMO = Path(__file__).parents[2] / "examples" / "demo.py"
pytestmark = pytest.mark.timeout(300)

BLOCKS = re.MULTILINE | re.DOTALL
NOBODY = "http://127.0.0.1:9"


def demo(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(DEMO)],
        cwd=folder,
        env=environment() | {"XDG_DATA_HOME": str(folder / "home")} | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_from_a_recording_to_a_broken_bridge_that_is_caught(tmp_path: Path) -> None:
    done = demo(tmp_path, HTTP_PROXY=NOBODY, http_proxy=NOBODY, no_proxy="elsewhere.example")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "wiretape-out"
    _reported(done.stdout, out)
    _heard_again(done.stdout)
    _caught(done.stdout, out)
    _goes_on(done.stdout, tmp_path)


def _reported(said: str, out: Path) -> None:
    report = out / "report/report.html"
    assert f"The report:    {report}" in said
    assert "<h1>" in report.read_text(encoding="utf-8")
    assert "Tokens live, in seconds: 3300 (line " in said


def _heard_again(said: str) -> None:
    """The client hears from the replay what it heard from the server."""
    heard, again = (json.loads(each) for each in re.findall(r"^\{$.*?^\}$", said, BLOCKS))
    assert heard == again
    assert len(heard["progress"]) == 3


def _caught(said: str, out: Path) -> None:
    conform, broken = said.split("Conform: a bridge")[1].split("The bridge with one mistake")
    assert re.search(r"^\d+ pass in [\d.]+ s$", conform, re.MULTILINE)
    assert re.search(r"^fail +refresh\.rotation-stored ", broken, re.MULTILINE)
    assert re.search(r"^1 fail, \d+ pass in [\d.]+ s$", broken, re.MULTILINE)
    assert (out / "conformance/conformance.html").exists()


def _goes_on(said: str, folder: Path) -> None:
    """The commands that it names at its end do what it says."""
    commands = [line.removeprefix("$ ") for line in said.splitlines() if line[:1] == "$"]
    for command in commands[-2:]:
        _, *arguments = shlex.split(command)
        told = subprocess.run([WIRETAPE, *arguments], cwd=folder, check=False, timeout=60)
        assert told.returncode in {0, 1}, command  # 1: there are differences that break a client
    assert (folder / "wiretape-out/differences/comparison.html").exists()


def test_where_a_command_fails_it_ends(tmp_path: Path) -> None:
    (tmp_path / "wiretape-out").touch()
    done = demo(tmp_path)
    assert done.returncode == 1
    assert "cannot create" in done.stderr
