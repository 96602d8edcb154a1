"""What `comparison.json` says."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from wiretape.analysis.comparison.rule import Client, Severity
from wiretape.analysis.finding import Standing


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, serialize_by_alias=True, validate_by_name=True)


class Side(_Frozen):
    """One of the two: the file, what kind of file, and which origins are the service's.

    `upstream` are the origins that the service is itself a client of. `lacks` says in words what is
    missing in a recording, where it is not complete: more might have been seen.
    """

    file: str
    kind: Literal["recording", "profile"]
    service: tuple[str, ...]
    upstream: tuple[str, ...]
    lacks: tuple[str, ...] = ()


class Shown(_Frozen):
    """What a finding of one side says, how sure that is, and the lines that show it."""

    finding: str
    value: JsonValue
    standing: Standing = "observed"
    lines: tuple[int, ...] = ()
    note: str | None = None


class Sighting(_Frozen):
    """A difference in one pair of findings; a side that has none is null."""

    title: str
    reference: Shown | None
    subject: Shown | None


class Difference(_Frozen):
    """A difference with what it means, see `Judgement`. `accepted` is the reason why it may be."""

    id: str
    area: str
    severity: Severity
    title: str
    why: str
    remedy: str
    requirement: str | None
    clients: tuple[Client, ...]
    sightings: tuple[Sighting, ...]
    accepted: str | None = None


class Unseen(_Frozen):
    """What only one side shows, so that nothing can be said about the other."""

    finding: str
    title: str
    missing_in: Literal["reference", "subject"]


class Misnamed(_Frozen):
    """An id that was to be accepted, but that no difference can have; and the one most like it."""

    id: str
    nearest: str | None


class Comparison(_Frozen):
    """How the subject differs from the reference, the worst first.

    `compared` is how many findings both have. `stale` are ids that were to be accepted, but do not
    differ any more; `misnamed` are such that never could.
    """

    schema_: Literal["wiretape.comparison/1"] = Field(serialization_alias="schema")
    wiretape: str
    reference: Side
    subject: Side
    compared: int
    differences: tuple[Difference, ...]
    stale: tuple[str, ...]
    misnamed: tuple[Misnamed, ...]
    unseen: tuple[Unseen, ...]

    def open(self, severity: Severity) -> tuple[Difference, ...]:
        """Give the differences of a severity that are not accepted."""
        return tuple(
            each for each in self.differences if each.severity == severity and not each.accepted
        )
