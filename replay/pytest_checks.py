"""Checks as tests: `pytest --conform` collects a `wiretape.toml`, and each check is an item.

The target is started and played with once, when the first of its items runs, and only what the
chosen items need is played. An entry of the baseline is an expected failure, strictly. Workers of
pytest-xdist play each for themselves, unless `--dist loadfile` gives all items to one of them.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import uvloop

from wiretape.analysis.report.folder import write
from wiretape.recorder.errors import BadInputError, WiretapeError
from wiretape.recorder.log.printable import printable
from wiretape.replay.conformance import baseline, config
from wiretape.replay.conformance.check import Check, Target
from wiretape.replay.conformance.concluding import concluded
from wiretape.replay.conformance.families import families, selected, with_personas
from wiretape.replay.conformance.performing import BrokenOffError, perform
from wiretape.replay.conformance.reading import evidence
from wiretape.replay.conformance.report import Result
from wiretape.replay.conformance.reporters.files import files
from wiretape.replay.conformance.reporters.words import told


class NotMetError(Exception):
    """A check does not pass."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.seen)
        self.result = result


class System(pytest.File):
    """The target that a `wiretape.toml` describes, with its results once it was played with."""

    def collect(self) -> Iterator[pytest.Item]:
        """Give all of its checks."""
        try:
            self._config = config.read(self.path)
            self._kind = _kind(self._config, self.path)
            chosen = with_personas(families(self._kind), self._config.personas.play)
            self.expected = baseline.read(at) if (at := self._config.known) else {}
        except WiretapeError as error:
            raise self.CollectError(str(error)) from None
        for family in chosen.values():
            for check in family.checks:
                yield Item.from_parent(self, name=check.id, check=check)

    def result(self, id_: str) -> Result:
        """Give the result of a check. Raises WiretapeError if the target cannot be tested."""
        if not hasattr(self, "_results"):
            self._results = self._played()
        if isinstance(self._results, WiretapeError):
            raise self._results
        return self._results[id_]

    @property
    def page(self) -> Path:
        """Where the report is."""
        return self._out / "conformance.html"

    @property
    def _out(self) -> Path:
        out = Path(self.config.getoption("conform_out")) / Path(self.nodeid).parent
        return out / os.environ.get("PYTEST_XDIST_WORKER", "")

    def _played(self) -> Mapping[str, Result] | WiretapeError:
        wanted = [item.name for item in self.session.items if item.parent is self]
        chosen = selected(self._kind, wanted)
        try:
            self._out.mkdir(mode=0o700, parents=True, exist_ok=True)
            recording = uvloop.run(
                perform(
                    self._config,
                    chosen,
                    self._out,
                    target=self._kind,
                    began=_unheard,
                    played=_unheard,
                    warn=_unheard,
                )
            )
            whole = evidence(recording)
        except BrokenOffError:
            raise KeyboardInterrupt from None
        except WiretapeError as error:
            return error
        report = concluded(
            self._kind,
            chosen,
            whole,
            recording=recording,
            out=self._out,
            profile=self._config.replayed(self._kind),
            config=self.path,
            expected=self.expected,
        )
        write(self._out, files(report, whole))
        return {result.id: result for result in report.results}


class Item(pytest.Item):
    """A check."""

    def __init__(self, *, check: Check, **said: Any) -> None:
        super().__init__(**said)
        self._check = check

    def setup(self) -> None:
        """Play, if nobody did: that a target does not start is no failure of a check."""
        try:
            self._result = self._system.result(self.name)
        except WiretapeError as error:
            told = printable(str(error))
        else:
            return
        pytest.fail(told, pytrace=False)  # here no other error is being handled

    def runtest(self) -> None:
        """Pass, or say why not."""
        result = self._result
        if result.outcome == "pass":
            if self.name in self._system.expected:
                pytest.fail("[XPASS(strict)] take it out of the baseline", pytrace=False)
            return
        if result.expected is not None:
            pytest.xfail(result.expected)
        if result.outcome == "warn":
            self.warn(pytest.PytestWarning(printable(f"{result.title}: {result.seen}")))
            return
        raise NotMetError(result)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Say what is asked."""
        return self.path, None, f"{self.name}: {self._check.title}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Tell requirement, what was seen, and remedy."""
        if isinstance(excinfo.value, NotMetError):
            return "\n".join(self._told(excinfo.value.result))
        return super().repr_failure(excinfo, style)

    def _told(self, result: Result) -> Iterator[str]:
        for name, said in told(result):
            yield printable(f"{name:9}{said}")
        yield f"{'page':9}{self._system.page}"

    @property
    def _system(self) -> System:
        assert isinstance(self.parent, System)
        return self.parent


def _kind(said: config.Config, path: Path) -> Target:
    if said.kind is None:
        raise BadInputError(f'{path}: say what it is, such as kind = "bridge", above all tables')
    return said.kind


def _unheard(_: object) -> None:
    pass
