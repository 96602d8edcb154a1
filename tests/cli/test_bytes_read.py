import io
from pathlib import Path

import pytest
from rich.console import Console

from wiretape.cli import bytes_read
from wiretape.cli.bytes_read import BytesRead


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "x.jsonl"
    path.write_bytes(bytes(4_000_000))
    return path


def shown(path: Path, *, terminal: bool) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=80)
    with BytesRead([path], console) as progress:
        progress(1_000_000)
        progress(3_000_000)
    return out.getvalue()


def test_what_is_quickly_read_shows_nothing(recording: Path) -> None:
    assert shown(recording, terminal=True) == ""


def test_what_takes_a_while_shows_how_far_it_is(
    recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bytes_read, "_PATIENCE", -1.0)
    assert "4.0/4.0 MB" in shown(recording, terminal=True)


def test_a_pipe_gets_no_bar(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bytes_read, "_PATIENCE", -1.0)
    assert shown(recording, terminal=False) == ""


def test_a_file_that_is_not_there_is_for_others_to_tell(tmp_path: Path) -> None:
    assert shown(tmp_path / "none.jsonl", terminal=True) == ""
