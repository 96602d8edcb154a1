import os
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from wiretape.recorder.errors import EnvironmentFaultError
from wiretape.recorder.log.records import MAX_LINE, SCHEMA, Content, Event, Gap, Mark, Recording
from wiretape.recorder.log.writer import Writer

AT = datetime(2025, 8, 29, 2, 9, 10, 217_000, tzinfo=UTC)
OPENING = Recording(schema=SCHEMA, recorder="0", name="w", start=AT, mode="forward")


def mark(number: int, text: str = "x") -> Mark:
    return Mark(at=AT, t=float(number), name=str(number), detail=text)


def records(path: Path) -> list[Mark | Gap]:
    """Read all lines after the first; fails on any that is not whole."""
    data = path.read_bytes()
    assert data.endswith(b"\n")
    first, *rest = data.splitlines()
    assert msgspec.json.decode(first, type=Recording) == OPENING
    return [msgspec.json.decode(line, type=Mark | Gap) for line in rest]


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Let no file grow beyond `size` bytes: writes are cut short there, then fail with EFBIG."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def writer(tmp_path: Path, warnings: list[str]) -> Iterator[Writer]:
    writer = Writer(tmp_path / "w.jsonl", OPENING, warnings.append)
    yield writer
    writer.close()


def test_file_and_new_folders_are_for_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "r.jsonl"
    Writer(path, OPENING, pytest.fail).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [stat.S_IMODE(p.stat().st_mode) for p in (path.parent, path.parent.parent)] == [
        0o700
    ] * 2


def test_records_are_in_the_file_as_soon_as_append_returns(writer: Writer) -> None:
    writer.append(mark(1), mark(2))
    writer.append(mark(3))
    assert records(writer.path) == [mark(1), mark(2), mark(3)]
    assert writer.failed is None


def test_each_append_is_one_write(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    written = []

    def count(fd: int, data: bytes) -> int:
        written.append(write(fd, data))
        return written[-1]

    monkeypatch.setattr(os, "write", count)
    before = writer.path.stat().st_size
    writer.append(mark(1))
    writer.append(mark(2), mark(3), mark(4))
    assert len(written) == 2
    assert sum(written) == writer.path.stat().st_size - before


def test_an_existing_file_is_never_overwritten(writer: Writer) -> None:
    before = writer.path.read_bytes()
    with pytest.raises(EnvironmentFaultError, match="File exists"):
        Writer(writer.path, OPENING, pytest.fail)
    assert writer.path.read_bytes() == before


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    link = tmp_path / "r.jsonl"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EnvironmentFaultError):
        Writer(link, OPENING, pytest.fail)


def test_no_file_is_left_when_not_even_the_first_line_fits(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with (
        full_disk(10),
        pytest.raises(EnvironmentFaultError, match=r"cannot write .*: File too large"),
    ):
        Writer(path, OPENING, pytest.fail)
    assert not path.exists()


def test_a_folder_that_cannot_be_created_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        EnvironmentFaultError, match=r"cannot create .*/file/r.jsonl: Not a directory"
    ):
        Writer(tmp_path / "file" / "r.jsonl", OPENING, pytest.fail)


@pytest.mark.parametrize("room", [0, 1, 60, 150])
def test_a_full_disk_tears_no_line_and_a_gap_tells_what_was_lost(
    writer: Writer, warnings: list[str], room: int
) -> None:
    writer.append(mark(1))
    with full_disk(writer.path.stat().st_size + room):
        writer.append(mark(2, "y" * 500))
        writer.append(mark(3, "y" * 500), mark(4, "y" * 500))
        assert records(writer.path) == [mark(1)]
    writer.append(mark(5))
    writer.append(mark(6))
    gap = Gap(at=AT, t=2, reason="File too large", lost=3)
    assert records(writer.path) == [mark(1), gap, mark(5), mark(6)]
    assert len(warnings) == 1
    assert writer.failed == warnings[0]
    assert str(writer.path) in warnings[0]
    assert "File too large" in warnings[0]


def test_what_was_lost_at_the_very_end_is_told_on_closing(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "w.jsonl", OPENING, lambda _: None)
    with full_disk(writer.path.stat().st_size):
        writer.append(mark(1))
    writer.close()
    assert records(writer.path) == [Gap(at=AT, t=1, reason="File too large", lost=1)]


def test_a_disk_still_full_on_closing_leaves_whole_lines_and_the_failure(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "w.jsonl", OPENING, lambda _: None)
    with full_disk(writer.path.stat().st_size):
        writer.append(mark(1))
        writer.close()
    assert records(writer.path) == []
    assert writer.failed is not None


def test_a_torn_line_that_cannot_be_cut_off_at_once_is_cut_off_before_the_next(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(fd: int, length: int) -> None:
        raise OSError(5, "Input/output error")

    with full_disk(writer.path.stat().st_size + 20), monkeypatch.context() as patch:
        patch.setattr(os, "ftruncate", refuse)
        writer.append(mark(1))
        assert not writer.path.read_bytes().endswith(b"\n")
        writer.append(mark(2))
    writer.append(mark(3))
    assert records(writer.path) == [
        Gap(at=AT, t=1, reason="File too large", lost=1),
        Gap(at=AT, t=2, reason="Input/output error", lost=1),
        mark(3),
    ]


@pytest.mark.parametrize("raw", [b'{"a":\n1}', b"[1,\n"])
def test_a_record_that_would_break_the_lines_is_told_as_lost(writer: Writer, raw: bytes) -> None:
    broken = Event(
        at=AT, t=1, exchange=1, connection="c", index=0, size=1, data=Content(json=msgspec.Raw(raw))
    )
    writer.append(mark(0), broken, mark(2))
    reason = "a record could not be written as one line of JSON"
    assert records(writer.path) == [Gap(at=AT, t=1, reason=reason, lost=1), mark(0), mark(2)]
    assert writer.failed is not None


def test_a_text_that_is_not_unicode_is_told_as_lost(writer: Writer) -> None:
    writer.append(mark(1, "\ud800"))
    writer.append(mark(2))
    assert [type(record) for record in records(writer.path)] == [Gap, Mark]


def test_a_record_larger_than_readers_accept_is_told_as_lost(writer: Writer) -> None:
    writer.append(mark(1, "x" * MAX_LINE))
    writer.append(mark(2))
    reason = "a record was larger than a line may be"
    assert records(writer.path) == [Gap(at=AT, t=1, reason=reason, lost=1), mark(2)]


ENDLESS = """
import sys
from pathlib import Path
from datetime import UTC, datetime
from wiretape.recorder.log.records import Mark, Recording, SCHEMA
from wiretape.recorder.log.writer import Writer

at = datetime.now(UTC)
opening = Recording(schema=SCHEMA, recorder="0", name="w", start=at, mode="forward")
writer = Writer(Path(sys.argv[1]), opening, print)
number = 0
while True:
    number += 1
    writer.append(Mark(at=at, t=0, name=str(number), detail="z" * (number * 7919 % 5000)))
    print(number, flush=True)
"""


def test_a_kill_loses_no_record_whose_append_had_returned(tmp_path: Path) -> None:
    for round_ in range(5):
        path = tmp_path / f"{round_}.jsonl"
        command = [sys.executable, "-c", ENDLESS, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for _ in range(50 * (round_ + 1)):
                line = child.stdout.readline()
            child.kill()
            appended = int([line, *child.stdout][-1])
        *whole, _ = path.read_bytes().split(b"\n")
        names = [msgspec.json.decode(line, type=Mark).name for line in whole[1:]]
        assert names == [str(number) for number in range(1, len(names) + 1)]
        assert len(names) >= appended
