"""What the matrix says, and when `make mutants` fails."""

import subprocess
import sys
from collections.abc import Mapping
from types import SimpleNamespace

import pytest

from mutants import __main__ as command
from mutants import bridge
from mutants.matrix import Row
from mutants.mistake import mistake, mistakes, replace
from peers.processes import environment
from wiretape.replay.conformance.verdict import Outcome

NAME = "any-verifier-is-good"
CHECK = "pkce.wrong-verifier"


@pytest.mark.parametrize(
    ("missed", "detected", "unrelated"),
    [
        ({CHECK: "fail"}, True, []),
        ({CHECK: "warn"}, True, []),
        ({CHECK: "untestable"}, False, []),
        ({}, False, []),
        ({CHECK: "fail", "pkce.required": "fail"}, True, ["pkce.required"]),
        ({CHECK: "fail", "pkce.required": "untestable"}, True, ["pkce.required"]),
        ({"pkce.required": "warn"}, False, ["pkce.required"]),
    ],
)
def test_a_mistake_is_detected_by_its_check_only(
    missed: Mapping[str, Outcome], detected: bool, unrelated: list[str]
) -> None:
    row = Row("bridge", NAME, missed, dict.fromkeys(missed, "what it saw"), 1)
    assert (row.detected, list(row.unrelated)) == (detected, unrelated)
    assert row.good is (detected and not unrelated)


def test_what_is_related_may_fail_too() -> None:
    @mistake(fails="a.one", also=("b.*", "c.three"))
    def wrong() -> None:
        """It is wrong."""

    assert (wrong.name, wrong.title) == ("wrong", "It is wrong.")
    assert [wrong.explains(id_, "fail") for id_ in ("a.one", "b.two", "c.three")] == [True] * 3
    assert not wrong.explains("c.four", "fail")
    assert not wrong.explains("a.two", "untestable")


def test_a_persona_that_is_stuck_gets_no_further() -> None:
    @mistake(fails="persona.any.connects", also=("persona.other.connects",))
    def wrong() -> None:
        """It is wrong."""

    assert wrong.explains("persona.any.refreshes", "untestable")
    assert not wrong.explains("persona.any.refreshes", "fail")
    assert wrong.explains("persona.other.connects", "fail")
    assert not wrong.explains("persona.other.refreshes", "untestable")


def test_a_mistake_tells_what_it_is() -> None:
    with pytest.raises(TypeError, match="untold has no docstring"):

        @mistake(fails="a.one")
        def untold() -> None:
            pass


def test_a_mistake_has_something_to_replace() -> None:
    owner = SimpleNamespace(there=len)
    with pytest.raises(AttributeError, match="renamed"):
        replace(owner, "renamed", print)
    assert replace(owner, "there", print) is len
    assert owner.there is print


def test_mistakes_are_found_in_all_areas() -> None:
    assert mistakes(bridge)[NAME].fails == CHECK


@pytest.mark.parametrize(("name", "code"), [(NAME, 0), ("no-such-mistake", 2)])
def test_the_command_runs_mistakes_by_name(name: str, code: int) -> None:
    words = [sys.executable, "-m", "mutants", "bridge", name]
    ran = subprocess.run(
        words, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == code, ran.stdout + ran.stderr
    assert name in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("missed", "said"),
    [
        ({CHECK: "fail"}, "detected 1 / 1, nothing else fails for 1 / 1"),
        ({}, "detected 0 / 1, nothing else fails for 1 / 1"),
        ({CHECK: "fail", "pkce.required": "fail"}, "detected 1 / 1, nothing else fails for 0 / 1"),
    ],
)
def test_the_command_fails_unless_each_is_detected_by_its_check_only(
    missed: Mapping[str, Outcome],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = Row("bridge", NAME, missed, dict.fromkeys(missed, "what it saw"), 1)
    monkeypatch.setattr(command, "matrix", lambda *_: iter([found]))
    monkeypatch.setattr(sys, "argv", ["mutants", "bridge", NAME])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert bool(ended.value.code) is not found.good
    assert said in capsys.readouterr().out
