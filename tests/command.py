"""Runs a command as the shell would, in this process."""

import sys
from typing import NamedTuple

import pytest

from wiretape.cli import main


class Ran(NamedTuple):
    """What came of a command."""

    code: int
    out: str
    err: str


class Wiretape:
    """Call it with a command line's words."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *words: object) -> Ran:
        self._monkeypatch.setattr(sys, "argv", ["wiretape", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as exited:
            code = exited.code if isinstance(exited.code, int) else int(bool(exited.code))
        captured = self._capsys.readouterr()
        return Ran(code, captured.out, captured.err)
