"""All mistakes against all checks: each is noticed by its own check, and by no other."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from mutants.mistake import PERSONAS, Mistake
from mutants.trying import SYSTEMS, broken
from wiretape.recorder.errors import WiretapeError
from wiretape.replay.conformance.check import Target
from wiretape.replay.conformance.families import checks
from wiretape.replay.conformance.report import Result
from wiretape.replay.conformance.verdict import Outcome


@dataclass(frozen=True)
class Row:
    """What became of a system with one mistake: how each check that it did not pass came out.

    `seen` is what these saw, and its own check in any case. `error` says why there are no outcomes.
    """

    target: Target
    name: str
    missed: Mapping[str, Outcome]
    seen: Mapping[str, str]
    seconds: float
    error: str | None = None

    @property
    def mistake(self) -> Mistake:
        """The mistake that it has."""
        return SYSTEMS[self.target][self.name]

    @property
    def detected(self) -> bool:
        """Whether the check that is for it noticed it."""
        return self.missed.get(self.mistake.fails) in {"fail", "warn"}

    @property
    def unrelated(self) -> dict[str, Outcome]:
        """The checks that it did not pass although they are not about it."""
        return {id_: out for id_, out in self.missed.items() if not self.mistake.explains(id_, out)}

    @property
    def good(self) -> bool:
        """Whether the suite found what it should, and nothing else."""
        return self.detected and not self.unrelated


def row(target: Target, name: str, *patterns: str) -> Row:
    """Run the checks that match a pattern, or all, against a system with a mistake."""
    fails, began = SYSTEMS[target][name].fails, monotonic()
    error = None
    results: list[Result] = []
    try:
        with TemporaryDirectory() as folder:
            results = broken(target, name, Path(folder), *patterns)
    except WiretapeError as found:
        error = str(found)
    missed = {each.id: each.outcome for each in results if each.outcome != "pass"}
    seen = {each.id: each.seen for each in results if each.id in {fails, *missed}}
    return Row(target, name, missed, seen, monotonic() - began, error)


def suite(target: Target, name: str) -> list[str]:
    """Give the checks that are run against a system with a mistake: all but those of personas.

    Real clients go all the way, so that these may fail because of anything; they are run if the
    mistake is for one of them.
    """
    personal = SYSTEMS[target][name].fails.startswith(PERSONAS)
    return [id_ for id_ in checks(target) if personal or not id_.startswith(PERSONAS)]


def matrix(wanted: Sequence[tuple[Target, str]], jobs: int) -> Iterator[Row]:
    """Run the suite against each of these, so many at once; rows come as they are done."""
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        for done in as_completed([pool.submit(row, *each, *suite(*each)) for each in wanted]):
            yield done.result()
