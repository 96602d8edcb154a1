"""`wiretape compare` with real servers, each walked by the probe through the recorder."""

import subprocess
from pathlib import Path

import pytest

from comparing import compared, ids
from peers import serve
from peers.processes import environment
from walked import WIRETAPE

SECONDS = 60


def probed(name: str, home: Path, out: Path) -> Path:
    """Start a server, probe it, and give the recording."""
    with serve(name) as server:
        own = [
            word for each in server.walk.headers.items() for word in ("--header", ": ".join(each))
        ]
        subprocess.run(
            [
                *(WIRETAPE, "probe", "--active", "--headless", "--quiet", "--rate", "100"),
                *("--record", "--out", str(out), *own, server.url),
            ],
            env=environment() | {"XDG_DATA_HOME": str(home)},
            check=True,
            timeout=SECONDS,
        )
    (recording,) = out.glob("*.jsonl")
    return recording


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def notes(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return probed("notes", home, tmp_path_factory.mktemp("out"))


def test_two_probes_of_the_same_server_are_equal(notes: Path, home: Path, tmp_path: Path) -> None:
    found = compared(notes, probed("notes", home, tmp_path))
    assert found.differences == ()
    assert found.unseen == ()
    assert found.compared > 80


def test_mcp_atlassian_differs_from_a_server_of_the_sdk(
    notes: Path, home: Path, tmp_path: Path
) -> None:
    other = probed("atlassian", home, tmp_path)
    found = compared(notes, other)
    assert ids(found, "breaking") == {"challenge.missing", "discovery.server-metadata"}
    assert ids(found, "risky") >= {"discovery.resource-metadata", "tools.missing"}
    back = compared(other, notes)
    assert ids(back, "breaking") == set()
    assert ids(back, "risky") >= {"tools.missing"}
