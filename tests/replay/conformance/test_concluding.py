"""Paths in reports say nothing of the machine if they need not."""

from pathlib import Path

import pytest

from wiretape.replay.conformance.concluding import shown


@pytest.mark.parametrize(
    ("path", "out", "found"),
    [
        ("here/out/x.jsonl", "here/out", "out/x.jsonl"),
        ("here/x.jsonl", "elsewhere/out", "x.jsonl"),
        ("elsewhere/out/x.jsonl", "elsewhere/out", "x.jsonl"),
        ("elsewhere/out/sub/x.jsonl", "elsewhere/out", "sub/x.jsonl"),
        ("hereafter/x.jsonl", "here/out", None),
    ],
)
def test_a_path_is_from_here_or_from_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, out: str, found: str | None
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    given = tmp_path / path
    assert shown(given, tmp_path / out) == (found or str(given))


def test_what_is_given_from_here_stays_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(Path("out/x.jsonl"), Path("out")) == "out/x.jsonl"
    assert shown(Path("../x.jsonl"), Path("out")) == "../x.jsonl"
