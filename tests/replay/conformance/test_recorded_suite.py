"""The official suite at a real server, recorded, and again at the replay of that recording."""

import re
import subprocess
import sys
from pathlib import Path

from peers.conformance import conformance
from peers.processes import CLIENT_SECONDS, environment, serving
from replayed import replaying
from walked import WIRETAPE

# A stream that was broken off before its answer is not broken off again.
UNLIKE = {"server-sse-polling"}


def test_the_suite_finds_in_a_replay_what_it_found_in_the_service(tmp_path: Path) -> None:
    command = (*conformance("0.1"), "server", "--suite", "all", "--url")
    server = (sys.executable, "-W", "ignore", "-m", "peers.conformance_server")
    record = (WIRETAPE, "record", "--name", "suite", "--out", str(tmp_path), "--")
    with serving(server, environment()) as (url, _):
        there = outcomes((*record, *command, url), tmp_path)
    (recording,) = tmp_path.glob("*.jsonl")
    with replaying(tmp_path, str(recording)) as (_, url):
        here = outcomes((*command, url), tmp_path)
    assert here.keys() == there.keys()
    assert {name for name in there if there[name] != here[name]} == UNLIKE


def outcomes(command: tuple[str, ...], home: Path) -> dict[str, str]:
    """Run the suite, which fails if any scenario does; give how many checks passed and failed."""
    env = environment() | {"NODE_USE_ENV_PROXY": "1", "XDG_DATA_HOME": str(home)}
    ran = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=CLIENT_SECONDS, check=False
    )
    found = dict(re.findall(r"^[✓✗] ([\w-]+): (.*)$", ran.stdout, re.MULTILINE))
    assert found, ran.stdout + ran.stderr
    return found
