"""`wiretape diagnose`: what it prints, and its exit code."""

import json
from pathlib import Path

import pytest
from command import Wiretape
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from play import Play, initialize, initialized
from players import MCP

ESCAPE = "\x1b[2J"


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Print at one width, and file names without the folder."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def troubled() -> Path:
    """A recording with a failure of each confidence, and with what is not for terminals."""
    play = Play()
    slash = {"Location": "https://mcp.example.com/mcp/"}
    play.answer(play.post(MCP, initialize()), status=307, headers=slash)
    page = {"Origin": "https://editor.example", "User-Agent": f"agent{ESCAPE}"}
    shown = {"mcp-session-id": "1f", "access-control-allow-origin": "*"}
    play.answer(play.post(MCP + "2", initialize(), page), initialized(), headers=shown)
    refusal = {"error": f"Not Acceptable{ESCAPE}"}
    play.answer(play.post(MCP + "3", initialize(), page), refusal, status=406)
    return play.write(Path("troubled.jsonl"))


@pytest.fixture
def sound() -> Path:
    play = Play()
    play.answer(play.post(MCP, initialize()), initialized())
    return play.write(Path("sound.jsonl"))


def test_what_is_seen_its_cause_and_the_remedy(
    wiretape: Wiretape, troubled: Path, snapshot: SnapshotAssertion
) -> None:
    ran = wiretape("diagnose", troubled)
    assert ran.code == 1
    assert ran.out == snapshot
    assert max(map(cell_len, ran.out.splitlines())) <= 100
    assert ran.err == "1 recording, 3 exchanges: 3 known failures\n"


def test_a_terminal_is_told_nothing_by_the_recording(wiretape: Wiretape, troubled: Path) -> None:
    for words in ((), ("--json",)):
        assert "\x1b" not in wiretape("diagnose", *words, troubled).out


def test_in_colour_only_the_colours_are_commands(
    wiretape: Wiretape, troubled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    printed = wiretape("diagnose", troubled).out
    assert "\x1b[1;31mtrailing_slash" not in printed
    assert "\x1b[1;31msession_id_not_exposed, certain" in printed
    assert ESCAPE not in printed


def test_for_a_program_one_object_a_line(
    wiretape: Wiretape, sound: Path, troubled: Path, snapshot: SnapshotAssertion
) -> None:
    ran = wiretape("diagnose", "--json", sound, troubled)
    found = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 1
    assert [each["confidence"] for each in found] == ["certain", "likely", "possible"]
    assert found[0] == snapshot
    assert {place["file"] for each in found for place in each["evidence"]} == {str(troubled)}


def test_where_nothing_failed_there_is_nothing_to_say(wiretape: Wiretape, sound: Path) -> None:
    ran = wiretape("diagnose", sound)
    assert ran == (0, "", "1 recording, 1 exchange: 0 known failures\n")


def test_several_processes_say_the_same(wiretape: Wiretape, sound: Path, troubled: Path) -> None:
    files = (troubled, sound)
    assert wiretape("diagnose", "--jobs", 2, *files) == wiretape("diagnose", *files)


def test_what_is_missing_is_said(wiretape: Wiretape, tmp_path: Path) -> None:
    play = Play()
    play.gap("No space left on device", 3)
    path = play.write(tmp_path / "gap.jsonl")
    with path.open("a") as file:
        file.write('{"type":"requ')
    lost = play.write(tmp_path / "lost.jsonl")
    said = wiretape("diagnose", path, lost).err.splitlines()
    assert said[:2] == [
        f"warning: {path}: lacks 3 records, the end of the last line; there may be more to see",
        f"warning: {lost}: lacks 3 records; there may be more to see",
    ]


def test_an_interrupted_probe_is_said(wiretape: Wiretape, tmp_path: Path) -> None:
    interrupted, killed, whole = (Play() for _ in range(3))
    for play in (interrupted, killed, whole):
        play.mark("probe", "begin")
        play.mark("probe cors", "begin")
    interrupted.mark("probe", "interrupted")
    whole.mark("probe", "end")
    whole.mark("a client's own", "begin")
    named = {"interrupted": interrupted, "killed": killed, "whole": whole}
    paths = [play.write(tmp_path / f"{name}.jsonl") for name, play in named.items()]
    what = "lacks the rest of the probe, which was interrupted; there may be more to see"
    assert wiretape("diagnose", *paths).err.splitlines()[:-1] == [
        f"warning: {path}: {what}" for path in paths[:2]
    ]


def test_a_file_that_is_no_recording(wiretape: Wiretape, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("milk\n")
    ran = wiretape("diagnose", path)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(f"wiretape: {path}:1: ")


def test_help_has_examples(wiretape: Wiretape) -> None:
    printed = wiretape("diagnose", "--help").out
    assert "wiretape diagnose recording.jsonl" in printed
