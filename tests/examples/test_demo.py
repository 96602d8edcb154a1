"""`make demo`, run as anybody might run it."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

from peers.processes import environment
from walked import WIRETAPE

DEMO = Path(__file__).parents[2] / "examples" / "demo.py"
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
        timeout=60,
        check=False,
    )


def test_a_proxy_of_the_users_is_passed_by(tmp_path: Path) -> None:
    done = demo(tmp_path, HTTP_PROXY=NOBODY, http_proxy=NOBODY, no_proxy="elsewhere.example")
    assert done.returncode == 0, done.stderr
    assert "tools/call import_notes" in done.stdout


def test_it_goes_on_to_the_report_and_says_what_is_next(tmp_path: Path) -> None:
    done = demo(tmp_path)
    assert done.returncode == 0, done.stderr
    report = tmp_path / "wiretape-out/report/report.html"
    assert f"The report:    {report}" in done.stdout
    assert "<h1>" in report.read_text(encoding="utf-8")
    assert "Tokens live, in seconds: 3300 (line " in done.stdout
    commands = [line.removeprefix("$ ") for line in done.stdout.splitlines() if line[:1] == "$"]
    for command in commands[-2:]:
        _, *arguments = shlex.split(command)
        told = subprocess.run([WIRETAPE, *arguments], cwd=tmp_path, check=False, timeout=60)
        assert told.returncode in {0, 1}, command  # 1: there are differences that break a client
    assert (tmp_path / "wiretape-out/differences/comparison.html").exists()


def test_the_client_hears_from_the_replay_what_it_heard_from_the_server(tmp_path: Path) -> None:
    done = demo(tmp_path)
    assert done.returncode == 0, done.stderr
    heard, again = (json.loads(each) for each in re.findall(r"^\{$.*?^\}$", done.stdout, BLOCKS))
    assert heard == again
    assert len(heard["progress"]) == 3


def test_where_a_command_fails_it_ends(tmp_path: Path) -> None:
    (tmp_path / "wiretape-out").touch()
    done = demo(tmp_path)
    assert done.returncode == 1
    assert "cannot create" in done.stderr
