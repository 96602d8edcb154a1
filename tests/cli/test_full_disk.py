"""What commands do that write a file when it may not grow."""

import json
import subprocess
import sysconfig
from pathlib import Path

import pytest
from imports import har, har_entry

from play import Play

WIRETAPE = Path(sysconfig.get_path("scripts"), "wiretape")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    play = Play()
    for _ in range(20):
        play.answer(play.post("https://mcp.example.com/mcp"), {"ok": True})
    play.write(tmp_path / "in.jsonl")
    (tmp_path / "in.har").write_text(json.dumps(har(*[har_entry()] * 20)))
    return tmp_path


def run_with_little_room(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose files cannot be larger than a block or two of `ulimit -f`."""
    return subprocess.run(
        ["sh", "-c", 'ulimit -f 2; exec "$0" "$@"', WIRETAPE, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "words", [("redact", "in.jsonl", "out.jsonl"), ("export", "har", "in.jsonl", "out.har")]
)
def test_a_file_that_does_not_fit_is_not_left_in_half(folder: Path, words: tuple[str, ...]) -> None:
    ran = run_with_little_room(folder, *words)
    assert ran.returncode == 4
    assert ran.stderr.splitlines()[-1].startswith("wiretape: ")
    assert "File too large" in ran.stderr
    assert not (folder / words[-1]).exists()


def test_an_import_that_does_not_fit_says_so(folder: Path) -> None:
    ran = run_with_little_room(folder, "import", "in.har")
    (recording,) = folder.glob("mcp-traffic-*.jsonl")
    assert ran.returncode == 4
    assert ran.stderr.splitlines()[-1].startswith(f"wiretape: {recording.name}: File too large")
    assert recording.read_bytes().endswith(b"\n")
