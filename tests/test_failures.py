"""Every failure is on the wire and diagnosed when it is made, and not when it is mended."""

from dataclasses import dataclass
from pathlib import Path
from pkgutil import iter_modules

import pytest

import failures
from concluded import diagnoses
from wiretape.analysis import diagnoses as known_diagnoses
from wiretape.recorder.log.exchanges import Exchange, exchanges
from wiretape.recorder.log.reader import read


@dataclass(frozen=True)
class Made:
    """A failure with its two recordings."""

    failure: failures.Failure
    broken: Path
    mended: Path


@pytest.fixture(scope="module", params=failures.FAILURES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    directory, name = tmp_path_factory.getbasetemp(), request.param
    broken, mended = (failures.record(name, directory, mended=mended) for mended in (False, True))
    return Made(failures.FAILURES[name], broken, mended)


def recorded(path: Path) -> list[Exchange]:
    with read(path) as reading:
        found = list(exchanges(reading))
        assert reading.cut is None
    return found


def test_a_failure_is_on_the_wire_until_it_is_mended(made: Made) -> None:
    assert made.failure.seen(recorded(made.broken))
    mended = recorded(made.mended)
    assert mended
    assert not made.failure.seen(mended)


def test_a_failure_is_diagnosed_and_nothing_else_is(made: Made) -> None:
    (diagnosis,) = diagnoses(made.broken)
    assert diagnosis.id == made.failure.DIAGNOSIS
    assert diagnosis.evidence
    assert diagnoses(made.mended) == []


def test_every_diagnosis_is_shown_by_a_failure() -> None:
    """A file in the one folder without one in the other does not pass unnoticed."""
    known = {module.name for module in iter_modules(known_diagnoses.__path__)}
    assert known == {failure.DIAGNOSIS for failure in failures.FAILURES.values()}
