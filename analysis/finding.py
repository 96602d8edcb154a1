"""A finding: something learnt from recordings, with its evidence."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from wiretape.analysis.facts import Place

type Standing = Literal["observed", "documented", "assumed"]
"""How sure it is: seen in a recording, said by the service's makers or users, or guessed."""


class Finding(BaseModel):
    """Something learnt, such as how long tokens live.

    `id` is a dotted path, `area.subject.name`; two recordings' findings with the same id speak of
    the same thing. `value` is JSON, in `unit` if it has one. `low` and `high` bound a value that
    was measured. `evidence` are the lines that show it, the first few of `count`. `note` says in
    words what the value alone does not.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    value: JsonValue
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    standing: Standing = "observed"
    count: int = 1
    evidence: tuple[Place, ...] = ()
    note: str | None = None
