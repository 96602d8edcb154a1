import json
from pathlib import Path

import pytest
from command import Wiretape

from play import Play

MCP = "https://mcp.example.com/mcp"
TOKEN = "eW91c2hhbGxub3RwYXNz0123456789ab"


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    play = Play()
    play.answer(play.post(MCP), {"ok": True})
    return private(play.write(tmp_path / "sound.jsonl"))


@pytest.fixture
def leaking(tmp_path: Path) -> Path:
    play = Play()
    post = play.post(MCP, {"a": 1}, {"Authorization": f"Bearer {TOKEN}"})
    play.answer(post, {"access_token": TOKEN})
    return private(play.write(tmp_path / "leaking.jsonl"))


def private(path: Path) -> Path:
    path.chmod(0o600)
    return path


def test_of_a_sound_recording_there_is_nothing_to_say(wiretape: Wiretape, sound: Path) -> None:
    assert wiretape("check", sound, sound) == (
        0,
        "",
        "2 files: 0 findings, 0 warnings, 0 unreadable\n",
    )


def test_a_leak_is_found_and_not_repeated(wiretape: Wiretape, leaking: Path) -> None:
    ran = wiretape("check", leaking)
    seen = "looks like a secret of 32 characters"
    assert ran.code == 1
    assert ran.out.splitlines() == [
        f"{leaking}:2: headers Authorization: {seen} (rule 'authorization')",
        f"{leaking}:3: body: {seen} (rule 'token')",
    ]
    assert ran.err == "1 file: 2 findings, 0 warnings, 0 unreadable\n"
    assert TOKEN[:4] not in ran.out + ran.err


def test_once_redacted_there_is_no_leak(wiretape: Wiretape, leaking: Path) -> None:
    out = leaking.with_name("out.jsonl")
    wiretape("redact", leaking, out)
    assert wiretape("check", out).code == 0


def test_records_that_disagree_are_found(wiretape: Wiretape, sound: Path) -> None:
    lines = sound.read_text().splitlines(keepends=True)
    sound.write_text("".join([lines[0], *lines[2:]]))
    ran = wiretape("check", sound)
    assert ran.code == 1
    assert ran.out.splitlines() == [
        f"{sound}:2: a response of exchange 1 without its request",
        f"{sound}:3: an end of exchange 1 without its request",
    ]


def test_a_crash_and_a_careless_mode_are_warnings(wiretape: Wiretape, sound: Path) -> None:
    sound.write_bytes(sound.read_bytes()[:-9])
    sound.chmod(0o644)
    ran = wiretape("check", sound)
    assert ran.code == 0
    assert ran.out.splitlines() == [
        f"{sound}: warning: others may read or change it (mode 0644); chmod 600",
        f"{sound}:2: warning: exchange 1 does not end",
        f"{sound}:4: warning: the last line is cut off",
    ]


def test_a_gap_is_a_warning_that_says_how_much_is_lost_and_why(
    wiretape: Wiretape, tmp_path: Path
) -> None:
    play = Play()
    play.gap("No space left on device", lost=3)
    play.gap("what is not HTTP")
    file = private(play.write(tmp_path / "gaps.jsonl"))
    ran = wiretape("check", file)
    assert ran.code == 0
    assert ran.out.splitlines() == [
        f"{file}:2: warning: 3 records lost: No space left on device",
        f"{file}:3: warning: 1 record lost: what is not HTTP",
    ]
    assert ran.err == "1 file: 0 findings, 2 warnings, 0 unreadable\n"
    gap, _ = map(json.loads, wiretape("check", "--json", file).out.splitlines())
    assert (gap["kind"], gap["warning"]) == ("gap", True)


def test_an_unreadable_file_does_not_hide_the_others(
    wiretape: Wiretape, sound: Path, leaking: Path
) -> None:
    with sound.open("ab") as file:
        file.write(b'{"type":"\x1b[2J"}\n')
    missing = sound.with_name("no")
    ran = wiretape("check", sound, missing, leaking)
    assert ran.code == 3
    first, second, *rest = ran.out.splitlines()
    assert first.startswith(f"{sound}:5: ")
    assert "\x1b" not in first
    assert second == f"{missing}: No such file or directory"
    assert len(rest) == 2


def test_json_for_programs(wiretape: Wiretape, sound: Path, leaking: Path) -> None:
    sound.chmod(0o640)
    missing = sound.with_name("no")
    ran = wiretape("check", "--json", sound, missing, leaking)
    assert ran.code == 3
    mode, unreadable, leak, _ = map(json.loads, ran.out.splitlines())
    assert mode == {
        "file": str(sound),
        "kind": "mode",
        "what": "others may read or change it (mode 0640); chmod 600",
        "warning": True,
    }
    assert (unreadable["kind"], unreadable["file"]) == ("unreadable", str(missing))
    assert (leak["kind"], leak["line"]) == ("leak", 2)


def test_base64_that_is_none_is_a_finding(wiretape: Wiretape, sound: Path) -> None:
    sound.write_text(sound.read_text().replace('"json":{"ok": true}', '"base64":"a"'))
    ran = wiretape("check", sound)
    assert (ran.code, ran.out) == (1, f"{sound}:3: Base64 that cannot be read\n")
