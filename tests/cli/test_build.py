"""The application of one command, and of all."""

import subprocess
import sys

import pytest
import typer
from command import Wiretape
from typer.core import TyperGroup
from typer.main import get_command

from wiretape.cli import build


def names(app: typer.Typer) -> list[str]:
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    return list(group.commands)


ALL = names(build())


@pytest.mark.parametrize("name", ALL)
def test_a_command_that_is_named_is_the_only_one(name: str) -> None:
    assert names(build(name, "show", "--json")) == [name]
    assert names(build("--no-such-option", name)) == [name]


@pytest.mark.parametrize("words", [(), ("--help",), ("shwo",), ("options",), ("import_",)])
def test_all_commands_are_there_unless_one_is_named(words: tuple[str, ...]) -> None:
    assert {"show", "import", "control", "export"} <= set(ALL)
    assert names(build(*words)) == ALL


def test_a_misspelt_command_is_told_which_one_was_meant(wiretape: Wiretape) -> None:
    ran = wiretape("shwo")
    assert ran.code == 2
    assert "Did you mean 'show'?" in ran.err


@pytest.mark.parametrize(
    ("name", "unneeded"),
    [
        ("show", "wiretape.replay"),
        ("check", "wiretape.analysis"),
        ("report", "wiretape.replay"),
        ("control", "wiretape.replay.service"),
        ("replay", "mitmproxy"),
        ("replay", "fastapi"),
        ("record", "wiretape.analysis"),
    ],
)
def test_a_command_does_not_wait_for_what_others_need(name: str, unneeded: str) -> None:
    code = f"import sys; from wiretape.cli import build; build({name!r}); print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f"wiretape.cli.{name}" in told.stdout.split()
    assert unneeded not in told.stdout.split()
