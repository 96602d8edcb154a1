"""`--jobs`, `--engine` and `--scheduler`: wherever recordings are read, the report is the same."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import DEVNULL, PIPE

import pytest
from command import Wiretape
from distributed import LocalCluster

from our_bridge import our_bridge

WIRETAPE = Path(sys.executable).parent / "wiretape"
RECORDING = Path(__file__).parents[2] / "fixtures/recordings/oauth-sse.jsonl"


def report(wiretape: Wiretape, *options: str) -> str:
    ran = wiretape("report", RECORDING, "--json", *options)
    assert ran.code == 0, ran.err
    return ran.out


def test_the_report_is_the_same_wherever_it_was_made(wiretape: Wiretape) -> None:
    expected = report(wiretape)
    assert report(wiretape, "--jobs", "2") == expected
    with LocalCluster(n_workers=2, dashboard_address="127.0.0.1:0", host="127.0.0.1") as cluster:
        options = ("--engine", "dask", "--scheduler", cluster.scheduler_address)
        assert report(wiretape, *options) == expected


def compare(wiretape: Wiretape, bridge: Path, *options: str) -> str:
    ran = wiretape("compare", RECORDING, bridge, "--json", *options)
    assert ran.code == 1, ran.err
    return ran.out


def test_a_comparison_is_the_same_wherever_it_was_made(wiretape: Wiretape, tmp_path: Path) -> None:
    bridge = our_bridge().write(tmp_path / "bridge.jsonl")
    expected = compare(wiretape, bridge)
    assert json.loads(expected)["subject"]["upstream"]
    assert compare(wiretape, bridge, "--jobs", "2") == expected
    with LocalCluster(n_workers=2, dashboard_address="127.0.0.1:0", host="127.0.0.1") as cluster:
        options = ("--engine", "dask", "--scheduler", cluster.scheduler_address)
        assert compare(wiretape, bridge, *options) == expected


def children(process: int) -> list[str]:
    threads = Path(f"/proc/{process}/task").iterdir()
    return [child for thread in threads for child in (thread / "children").read_text().split()]


def test_ctrl_c_ends_all_processes_without_a_word() -> None:
    words = ["report", RECORDING, "--json", "--jobs", "2"]
    with subprocess.Popen(
        [WIRETAPE, *words], stdout=DEVNULL, stderr=PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        while len(children(process.pid)) < 3:  # multiprocessing has one more of its own
            assert process.poll() is None, process.stderr.read()
        os.killpg(process.pid, signal.SIGINT)
        said = process.stderr.read()  # to the end: nobody is left that could say more
    assert (process.returncode, said.strip()) == (130, "")


@pytest.mark.parametrize("command", [["report"], ["diagnose"], ["compare", RECORDING]])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--scheduler", "tcp://h:1"], "--scheduler is for the Dask engine: add --engine dask"),
        (["--engine", "dask", "--jobs", "2"], "--jobs is for the local engine"),
        (
            ["--engine", "dask", "--scheduler", "tcp://u:hush@h:1"],
            "--scheduler: no user or password",
        ),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    wiretape: Wiretape, command: list[str | Path], options: list[str], said: str
) -> None:
    ran = wiretape(*command, RECORDING, "--json", *options)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "hush" not in ran.err
