import json
import stat
from pathlib import Path

import pytest
from command import Wiretape

from play import Play

MCP = "https://mcp.example.com/mcp"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    play = Play()
    play.answer(play.post(MCP), {"ok": True})
    return play.write(tmp_path / "r.jsonl")


def test_a_recording_becomes_a_har_file(wiretape: Wiretape, recording: Path) -> None:
    out = recording.with_suffix(".har")
    assert wiretape("export", "har", recording, out) == (0, "", "")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    (entry,) = json.loads(out.read_text())["log"]["entries"]
    assert entry["request"]["url"] == MCP


def test_without_a_file_it_goes_to_stdout(wiretape: Wiretape, recording: Path) -> None:
    ran = wiretape("export", "har", recording)
    assert json.loads(ran.out)["log"]["entries"][0]["request"]["url"] == MCP


def test_a_cut_last_line_is_reported(wiretape: Wiretape, recording: Path) -> None:
    with recording.open("ab") as file:
        file.write(b"{")
    ran = wiretape("export", "har", recording)
    assert ran.code == 0
    assert ran.err == f"warning: {recording}:5: the last line is cut off\n"


def test_a_file_that_is_there_stays_as_it_is(wiretape: Wiretape, recording: Path) -> None:
    before = recording.read_bytes()
    ran = wiretape("export", "har", recording, recording)
    assert ran == (4, "", f"wiretape: cannot create {recording}: File exists\n")
    assert recording.read_bytes() == before


def test_of_a_bad_recording_nothing_is_left(wiretape: Wiretape, recording: Path) -> None:
    with recording.open("ab") as file:
        file.write(b"{}\n{}\n")
    out = recording.with_suffix(".har")
    ran = wiretape("export", "har", recording, out)
    assert ran.code == 3
    assert ran.err.startswith(f"wiretape: {recording}:5: ")
    assert not out.exists()


def test_a_full_disk_is_one_line(wiretape: Wiretape, recording: Path) -> None:
    ran = wiretape("export", "har", recording, "/proc/self/new.har")
    assert ran.code == 4
    assert ran.err.startswith("wiretape: cannot create /proc/self/new.har: ")
