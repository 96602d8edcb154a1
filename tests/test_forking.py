"""What is forked from a process that is ready is, for whoever starts it, as any other process."""

import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from peers.forking import forked

PROGRAM = """
import os, random, signal, subprocess, sys, time

STARTED = []

def say(*words):
    print(*words, flush=True)

if __name__ == "__main__":
    STARTED.append(sys.argv[1])
    match sys.argv[1:]:
        case ["tell", *words]:
            say(words, dict(os.environ), os.getcwd(), sys.stdin.read(), STARTED)
            print("an error", file=sys.stderr)
        case ["exit", code]:
            sys.exit(int(code))
        case ["say"]:
            sys.exit("what is wrong")
        case ["raise"]:
            raise ValueError("bad")
        case ["dice"]:
            say(random.random())
        case ["die", number]:
            os.kill(os.getpid(), int(number))
        case ["wait", number]:
            signal.signal(int(number), lambda *_: sys.exit(3))
            say("waits")
            time.sleep(60)
        case ["family"]:
            say("runs")
            subprocess.run(["sleep", "600"])
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    path = tmp_path_factory.mktemp("forked") / "program.py"
    path.write_text(PROGRAM)
    return forked(str(path))


def ran(
    command: Sequence[str], cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, input="input", capture_output=True, text=True, cwd=cwd, env=env, check=False
    )


def test_it_has_the_words_the_environment_the_folder_and_the_files(
    program: tuple[str, ...], tmp_path: Path
) -> None:
    for words in (["a", "b c"], []):  # one knows nothing of the other
        env = {"NAME": "value", "LC_ALL": "C.UTF-8"}
        done = ran([*program, "tell", *words], cwd=tmp_path, env=env)
        assert done.stdout == f"{words} {env} {tmp_path} input ['tell']\n"
        assert done.stderr == "an error\n"
        assert done.returncode == 0


@pytest.mark.parametrize("code", [0, 1, 7, 255])
def test_it_ends_as_the_program_does(program: tuple[str, ...], code: int) -> None:
    assert ran([*program, "exit", str(code)]).returncode == code


def test_an_end_with_a_text_or_an_exception_is_told(program: tuple[str, ...]) -> None:
    said = ran([*program, "say"])
    assert (said.returncode, said.stderr) == (1, "what is wrong\n")
    failed = ran([*program, "raise"])
    assert failed.returncode == 1
    assert failed.stderr.endswith("ValueError: bad\n")


def test_each_has_chances_of_its_own(program: tuple[str, ...]) -> None:
    assert ran([*program, "dice"]).stdout != ran([*program, "dice"]).stdout


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGABRT])
def test_who_dies_by_a_signal_is_seen_to(program: tuple[str, ...], number: signal.Signals) -> None:
    assert ran([*program, "die", str(int(number))]).returncode == -number


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_are_passed_on(program: tuple[str, ...], number: signal.Signals) -> None:
    command = [*program, "wait", str(int(number))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout
        assert started.stdout.readline() == "waits\n"
        started.send_signal(number)
        assert started.wait(60) == 3


def test_whoever_is_killed_takes_the_family_along(program: tuple[str, ...]) -> None:
    command = [*program, "family"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout
        assert started.stdout.readline() == "runs\n"
        started.kill()
        assert started.wait(60) == -signal.SIGKILL
        assert started.stdout.read() == ""  # nobody is left who could write there
