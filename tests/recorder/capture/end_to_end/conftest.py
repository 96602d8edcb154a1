"""Recorders for the tests of a folder: one authority for all, one recorder a module or a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from loopback import Recorder, recording
from peers.tls import Authority, make_authority


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the recorders keep their certificate authority."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority of the servers, which nobody trusts unless told to."""
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def recorder(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
    """A recorder for all tests of a module; in the end its recording is whole."""
    with recording(home, tmp_path_factory.mktemp("out")) as running:
        yield running
    running.recorded()
