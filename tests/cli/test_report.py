import json
import re
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import jsonschema
import pytest
from command import Wiretape

from hostile import hostile
from official import official
from play import Play, initialize, initialized
from story import story
from wiretape.analysis.report.schema import json_schema

FILES = ["profile.toml", "report.html", "report.json", "report.md"]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return story().write(tmp_path / "story.jsonl")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_report_is_a_folder_of_files_for_its_owner(
    wiretape: Wiretape, recording: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "report"
    ran = wiretape("report", recording, "-o", folder)
    lacks = "lacks 3 records; there may be more to see"
    assert (ran.code, ran.err) == (0, f"warning: {recording}: {lacks}\n")
    assert ran.out == f"1 trouble recognised. Open {folder / 'report.html'}\n"
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert mode(folder) == 0o700
    assert {mode(path) for path in folder.iterdir()} == {0o600}
    assert tomllib.loads((folder / "profile.toml").read_text())
    summary = (folder / "report.md").read_text()
    assert summary.startswith("# Compatibility report: https&#58;//mcp.example.com/mcp\n")
    assert f"> **Warning:** `story.jsonl` {lacks}\n" in summary


def test_a_report_is_written_anew(wiretape: Wiretape, recording: Path, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    wiretape("report", recording, "-o", folder)
    page = folder / "report.html"
    page.chmod(0o644)
    page.write_text("old")
    assert wiretape("report", recording, "-o", folder).code == 0
    assert page.read_text().startswith("<!doctype html>")
    assert mode(page) == 0o600
    assert sorted(path.name for path in folder.iterdir()) == FILES


@pytest.mark.parametrize("play", [story, official, hostile])
def test_json_is_the_same_file_and_as_its_schema_says(
    wiretape: Wiretape, tmp_path: Path, play: Callable[[], Play]
) -> None:
    recording = play().write(tmp_path / "play.jsonl")
    ran = wiretape("report", recording, "-o", tmp_path / "report", "--json")
    assert ran.code == 0
    assert "Open" in ran.err
    assert ran.out == (tmp_path / "report" / "report.json").read_text(encoding="utf-8")
    assert all(line.isprintable() for line in ran.out.splitlines())
    found = json.loads(ran.out)
    jsonschema.validate(found, json.loads(json_schema()))
    assert found["schema"] == "wiretape.report/1"


def test_several_processes_report_the_same(
    wiretape: Wiretape, recording: Path, tmp_path: Path
) -> None:
    both = (recording, official().write(tmp_path / "official.jsonl"))
    alone = wiretape("report", *both, "--json")
    together = wiretape("report", *both, "--json", "--jobs", 2)
    assert alone.out == together.out
    assert [source["name"] for source in json.loads(alone.out)["sources"]] == [
        "story.jsonl",
        "official.jsonl",
    ]


def test_recordings_of_the_same_name_are_told_apart(wiretape: Wiretape, tmp_path: Path) -> None:
    paths = [tmp_path / "a" / "x.jsonl", tmp_path / "b" / "x.jsonl"]
    for path in paths:
        path.parent.mkdir()
        story().write(path)
    found = json.loads(wiretape("report", *paths, "--json").out)
    assert [source["name"] for source in found["sources"]] == ["a/x.jsonl", "b/x.jsonl"]


def test_several_services_are_warned_of(wiretape: Wiretape, tmp_path: Path) -> None:
    paths = []
    for host in ("one.example", "two.example"):
        play = Play()
        play.answer(play.post(f"https://{host}/mcp", initialize()), initialized())
        paths.append(play.write(tmp_path / f"{host}.jsonl"))
    ran = wiretape("report", *paths, "-o", tmp_path / "report")
    services = "these recordings speak of several services: one.example, two.example"
    assert ran.err.startswith(f"warning: {services};")
    assert f"> **Warning:** {services};" in (tmp_path / "report" / "report.md").read_text()
    assert wiretape("report", paths[0], "--json").err == ""


@pytest.mark.parametrize("command", ["report", "diagnose"])
def test_a_recording_counts_once(wiretape: Wiretape, recording: Path, command: str) -> None:
    again = recording.parent / "again.jsonl"
    again.symlink_to(recording)
    ran = wiretape(command, recording, again, "--json")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"wiretape: {again} is given twice: name each recording once\n"


@pytest.mark.parametrize("words", [["report", "FILE"], ["compare", "FILE", "FILE"]])
def test_a_folder_has_a_name(wiretape: Wiretape, recording: Path, words: list[str]) -> None:
    ran = wiretape(*(recording if word == "FILE" else word for word in words), "-o", "")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "wiretape: -o '': name a folder, such as -o report\n"


def test_it_must_be_said_where_to(wiretape: Wiretape, recording: Path) -> None:
    ran = wiretape("report", recording)
    assert (ran.code, ran.out) == (2, "")
    assert "-o DIR" in ran.err


def test_what_is_no_recording_is_bad_input(wiretape: Wiretape, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("{}\n")
    ran = wiretape("report", tmp_path / "x.jsonl", "-o", tmp_path / "report")
    assert (ran.code, ran.out) == (3, "")
    assert f"{tmp_path / 'x.jsonl'}:1:" in ran.err
    assert not (tmp_path / "report").exists()


def test_a_folder_that_cannot_be_made_is_the_machine_s_fault(
    wiretape: Wiretape, recording: Path
) -> None:
    ran = wiretape("report", recording, "-o", recording / "report")
    assert (ran.code, ran.out) == (4, "")
    assert f"wiretape: cannot write {recording / 'report'}: " in ran.err


def test_evidence_links_to_the_lines_of_recordings_beside_it(
    wiretape: Wiretape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recordings").mkdir()
    paths = [
        play().write(tmp_path / "recordings" / name)
        for play, name in ((story, "a b.jsonl"), (official, "other.jsonl"))
    ]
    assert wiretape("report", *paths, "-o", "docs/report").code == 0
    written = Path("docs/report/report.md")
    text = re.sub(r"```.*?```", "", written.read_text(), flags=re.DOTALL)
    links = re.findall(r"\[`(?:[^`]*\.jsonl)?:(\d+)`\]\(([^)]+)#L(\d+)\)", text)
    assert {name for _, name, _ in links} == {
        "../../recordings/a%20b.jsonl",
        "../../recordings/other.jsonl",
    }
    assert len(links) == len(re.findall(r"`[^`]*:\d+`[\s\]<.]", text)) > 100
    for line, name, linked in links:
        assert line == linked
        recording = written.parent / unquote(name)
        assert 1 <= int(line) <= recording.read_bytes().count(b"\n")


def test_evidence_elsewhere_is_named_but_not_linked_to(
    wiretape: Wiretape, recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert wiretape("report", recording, "-o", "report").code == 0
    text = Path("report/report.md").read_text()
    assert "`story.jsonl:" in text
    assert "](" not in text
