"""The files that commands read: whatever is wrong with one is said in a line, with exit code 3."""

from pathlib import Path
from typing import get_type_hints

import pytest
from command import Wiretape
from typer.models import ArgumentInfo

from wiretape.cli import build

READING = ("check", "diagnose", "import", "redact", "report", "show")


def test_no_command_has_an_unreadable_file_judged_before_it_is_opened() -> None:
    """As root everything is readable, so this looks at what is declared."""
    judged = {
        f"{command.name} {name}"
        for command in build().registered_commands
        if command.callback is not None
        for name, hint in get_type_hints(command.callback, include_extras=True).items()
        for info in getattr(hint, "__metadata__", ())
        if isinstance(info, ArgumentInfo) and "Path" in str(hint.__origin__) and info.readable
    }
    assert judged <= {"export out", "redact out"}


@pytest.mark.parametrize("command", READING)
def test_what_cannot_be_read_is_bad_input(wiretape: Wiretape, tmp_path: Path, command: str) -> None:
    out = [tmp_path / "out.jsonl"] if command == "redact" else []
    words = ["-o", tmp_path / "report"] if command == "report" else []
    ran = wiretape(command, tmp_path, *out, *words)
    assert ran.code == 3
    assert f"{tmp_path}: Is a directory\n" in ran.out + ran.err
