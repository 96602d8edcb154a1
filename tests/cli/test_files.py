"""The files that commands read: whatever is wrong with one is said in a line, with exit code 3."""

from pathlib import Path

import pytest
from click import Argument
from click import Path as PathType
from command import Wiretape
from typer.main import get_group

from wiretape.cli import build

READING = ("check", "diagnose", "import", "redact", "report", "show")


def test_no_command_has_an_unreadable_file_judged_before_it_is_opened() -> None:
    """As root everything is readable, so this looks at what is declared."""
    group = get_group(build())
    judged = {
        f"{name} {argument.name}"
        for name, command in group.commands.items()
        for argument in command.params
        if isinstance(argument, Argument)
        and isinstance(argument.type, PathType)
        and argument.type.readable
        and argument.name != "out"
    }
    assert judged == set()


@pytest.mark.parametrize("command", READING)
def test_what_cannot_be_read_is_bad_input(wiretape: Wiretape, tmp_path: Path, command: str) -> None:
    out = [tmp_path / "out.jsonl"] if command == "redact" else []
    words = ["-o", tmp_path / "report"] if command == "report" else []
    ran = wiretape(command, tmp_path, *out, *words)
    assert ran.code == 3
    assert f"{tmp_path}: Is a directory\n" in ran.out + ran.err
