"""Every failure is on the wire when it is made, and not when its mistake is mended."""

from pathlib import Path

import pytest

import failures
from wiretape.recorder.log.exchanges import Exchange, exchanges
from wiretape.recorder.log.reader import read


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("failures")


def recorded(path: Path) -> list[Exchange]:
    with read(path) as reading:
        found = list(exchanges(reading))
        assert reading.cut is None
    return found


@pytest.mark.parametrize("name", failures.FAILURES)
def test_a_failure_is_on_the_wire_until_it_is_mended(name: str, directory: Path) -> None:
    failure = failures.FAILURES[name]
    assert failure.seen(recorded(failures.record(name, directory)))
    mended = recorded(failures.record(name, directory, mended=True))
    assert mended
    assert not failure.seen(mended)
