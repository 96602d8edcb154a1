"""The outcome of a run: what reporters write and scripts read."""

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from wiretape.replay.conformance.check import Severity, Target
from wiretape.replay.conformance.verdict import Outcome


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Result(_Part):
    """What became of one check. `lines` are lines of the recording, of both sides.

    `expected` is the baseline's reason why it may not pass.
    """

    id: str
    family: str
    title: str
    severity: Severity
    source: str
    url: str | None
    outcome: Outcome
    seen: str
    lines: tuple[int, ...] = ()
    remedy: str
    expected: str | None = None

    @property
    def bad(self) -> bool:
        """Whether it fails the run."""
        return self.outcome in {"fail", "untestable"} and self.expected is None


class Report(_Part):
    """All of a run. `stale` are ids of the baseline whose checks pass, or that are none."""

    schema_: Literal["wiretape/conformance/1"] = "wiretape/conformance/1"
    target: Target
    profile: str | None
    recording: str
    results: tuple[Result, ...]
    stale: tuple[str, ...] = ()
    seconds: float | None = None

    @property
    def good(self) -> bool:
        """Whether the run succeeds."""
        return not self.stale and not any(result.bad for result in self.results)

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How often each outcome is there."""
        return Counter(result.outcome for result in self.results)
