import stat
from pathlib import Path

import msgspec
import pytest
from command import Wiretape

from play import Play

MCP = "https://mcp.example.com/mcp"
BADGE = "badge-4711"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    play = Play()
    play.answer(play.post(MCP, {"text": f"the {BADGE}"}), {"ok": True})
    return play.write(tmp_path / "r.jsonl")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "rules.toml"
    file.write_text("[[rule]]\nname = 'badge'\nregex = 'badge-[0-9]+'\n")
    return file


def test_more_rules_redact_more(wiretape: Wiretape, recording: Path, rules: Path) -> None:
    out = recording.with_name("out.jsonl")
    ran = wiretape("redact", recording, out, "--redact", rules)
    assert ran == (0, f"1 place, 1 secret replaced → {out}\n", "")
    assert BADGE not in out.read_text()
    assert BADGE in recording.read_text()
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    manifest = msgspec.json.decode(out.with_suffix(".redaction.json").read_bytes())
    assert manifest["replaced"] == {"badge": 1}
    assert manifest["key_id"] == msgspec.json.decode(out.read_bytes().splitlines()[0])["key_id"]
    assert wiretape("check", out).code == 0


def test_one_key_gives_equal_pseudonyms(wiretape: Wiretape, recording: Path, rules: Path) -> None:
    key = recording.with_name("key")
    key.write_bytes(bytes(32))
    key.chmod(0o600)
    outs = [recording.with_name(name) for name in ("a.jsonl", "b.jsonl")]
    for out in outs:
        wiretape("redact", recording, out, "--redact", rules, "--pseudonym-key", key)
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_onto_itself_is_refused(wiretape: Wiretape, recording: Path) -> None:
    link = recording.with_name("link")
    link.symlink_to(recording)
    for out in (recording, link):
        ran = wiretape("redact", recording, out)
        assert ran == (
            2,
            "",
            f"wiretape: {out}: IN and OUT are the same file; name a new one\n",
        )


def test_a_file_that_is_there_stays_as_it_is(
    wiretape: Wiretape, recording: Path, rules: Path
) -> None:
    ran = wiretape("redact", recording, rules)
    assert ran == (4, "", f"wiretape: cannot create {rules}: File exists\n")
    assert "badge" in rules.read_text()


def test_a_missing_recording_is_one_line(wiretape: Wiretape, tmp_path: Path) -> None:
    ran = wiretape("redact", tmp_path / "no", tmp_path / "out")
    assert ran == (3, "", f"wiretape: {tmp_path}/no: No such file or directory\n")


def test_a_cut_last_line_is_reported(wiretape: Wiretape, recording: Path) -> None:
    with recording.open("ab") as file:
        file.write(b"{")
    ran = wiretape("redact", recording, recording.with_name("out.jsonl"))
    assert ran.code == 0
    assert ran.err == f"warning: {recording}:5: the last line is cut off\n"
