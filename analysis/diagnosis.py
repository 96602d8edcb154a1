"""A diagnosis: a known failure, recognised in a recording."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from wiretape.analysis.facts import Place

type Confidence = Literal["certain", "likely", "possible"]
"""`certain`: nothing else looks like this on the wire; `likely`: little else does."""


class Diagnosis(BaseModel):
    """A failure with what shows it and what mends it, each in sentences for whoever has it.

    `id` is the name of the module that knows the failure. `seen` says what is on the wire, `cause`
    why that is so, `remedy` what to change and where. `evidence` are the lines to look at. `source`
    is the requirement that was broken, a section of an RFC or of the MCP specification.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    seen: str
    cause: str
    remedy: str
    confidence: Confidence
    evidence: tuple[Place, ...]
    source: str | None = None
