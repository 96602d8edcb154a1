"""The outcome of a run: what reporters write and scripts read."""

from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, computed_field

from wiretape.replay.conformance.check import Severity, Target
from wiretape.replay.conformance.verdict import Outcome

type Standing = Outcome | Literal["expected"]
"""An outcome, or that the baseline has a reason why the check may not pass."""

type Party = Literal["client", "target", "service"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Shown(_Part):
    """An exchange that a verdict rests on: who asked whom, what, and what came.

    `lines` are those of its request, its response, and its end if it failed. `step` is what the
    trial called this moment.
    """

    by: Party
    to: Party
    asked: str
    answered: str
    step: str | None = None
    lines: tuple[int, ...]


class Result(_Part):
    """What became of one check. `lines` are lines of the recording, of both sides.

    `about` is its family's title. `shown` are the exchanges of those lines. `expected` is the
    baseline's reason why it may not pass.
    """

    id: str
    family: str
    about: str
    title: str
    severity: Severity
    source: str
    url: str | None
    outcome: Outcome
    seen: str
    lines: tuple[int, ...] = ()
    shown: tuple[Shown, ...] = ()
    remedy: str
    expected: str | None = None

    @property
    def bad(self) -> bool:
        """Whether it fails a run that accepts nothing else than what is expected."""
        return self.outcome in {"fail", "untestable"} and self.expected is None

    @property
    def standing(self) -> Standing:
        """Its outcome, or `expected`."""
        return self.outcome if self.expected is None else "expected"


class Report(_Part):
    """All of a run.

    `config` and `recording` are the paths of `wiretape.toml` and of the recording, from where the
    command ran, or from the report. `stale` are ids of the baseline whose checks pass, or that are
    none. With `untestable_accepted` what cannot be tested does not fail the run. What was
    `interrupted` never succeeds. `seconds` is how long it took.
    """

    schema_: Literal["wiretape.conformance/1"] = Field(
        default="wiretape.conformance/1", serialization_alias="schema"
    )
    wiretape: str = Field(default_factory=lambda: version("wiretape"))
    target: Target
    profile: str | None
    config: str | None = None
    recording: str
    results: tuple[Result, ...]
    stale: tuple[str, ...] = ()
    untestable_accepted: bool = False
    interrupted: bool = False
    seconds: float | None = None

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def good(self) -> bool:
        """Whether the run succeeds."""
        return not self.interrupted and not self.stale and not any(map(self.bad, self.results))

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def counts(self) -> Mapping[Standing, int]:
        """How often each standing is there."""
        return Counter(result.standing for result in self.results)

    def bad(self, result: Result) -> bool:
        """Tell whether a result fails the run."""
        accepted = self.untestable_accepted and result.outcome == "untestable"
        return result.bad and not accepted
