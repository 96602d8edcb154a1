from pathlib import Path

import pytest

from story import story
from wiretape.analysis.folding.parts import Lines, parts, whole
from wiretape.recorder.errors import BadInputError
from wiretape.recorder.log.reader import Line, read
from wiretape.recorder.log.records import Entry


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return story().write(tmp_path / "story.jsonl")


def ignored(_read: int) -> None:
    pass


def lines(path: Path) -> list[Line]:
    with read(path) as found:
        return list(found)


def read_in_parts(path: Path) -> None:
    for part in parts(0, path, 1000):
        list(Lines(part, ignored))


@pytest.mark.parametrize("size", [1, 100, 1000, 5000, 10**6])
def test_parts_hold_every_line_once_with_its_number(recording: Path, size: int) -> None:
    found: list[tuple[int, Entry]] = []
    for part in parts(0, recording, size):
        part_lines = Lines(part, ignored)
        found += part_lines
        assert part_lines.opening.name == "play"
    assert found == lines(recording)


def test_a_whole_recording_is_one_part(recording: Path) -> None:
    part = whole(3, recording)
    assert (part.recording, part.head) == (3, True)
    assert list(Lines(part, ignored)) == lines(recording)


def test_progress_hears_of_every_byte_once(recording: Path) -> None:
    heard: list[int] = []
    for part in parts(0, recording, 3000):
        list(Lines(part, heard.append))
    assert sum(heard) == recording.stat().st_size


def test_an_error_names_the_line_of_the_recording(recording: Path) -> None:
    broken = recording.read_text().splitlines(keepends=True)
    broken[9] = "no record\n"
    recording.write_text("".join(broken))
    with pytest.raises(BadInputError, match=r"story\.jsonl:10: "):
        read_in_parts(recording)


def test_a_line_cut_at_the_end_is_told(recording: Path) -> None:
    recording.write_bytes(recording.read_bytes()[:-20])
    found = [Lines(part, ignored) for part in parts(0, recording, 3000)]
    assert [line for part in found for line in part] == lines(recording)
    assert [part.cut for part in found] == [False] * (len(found) - 1) + [True]


def test_a_file_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"nowhere\.jsonl: No such file"):
        list(parts(0, tmp_path / "nowhere.jsonl"))
