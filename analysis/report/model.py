"""What `report.json` says."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from wiretape.analysis.diagnosis import Diagnosis
from wiretape.analysis.facts import Place
from wiretape.analysis.finding import Finding
from wiretape.analysis.picture import Journey, Lineage

type SectionId = Literal[
    "discovery",
    "registration",
    "tokens",
    "refresh",
    "challenges",
    "cors",
    "transport",
    "protocol",
    "tools",
    "headers",
    "errors",
    "latency",
    "clients",
    "upstream",
    "other",
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, serialize_by_alias=True)


class Source(_Frozen):
    """A recording the report was made from. `name` is enough of its path to tell it from others.

    `start` is a time in ISO 8601. `lost` is how many records its gaps count, `strays` how many
    belong to requests that it does not have; `cut`: its last line is incomplete; `unfinished`: it
    is of a probe that was interrupted.
    """

    name: str
    start: str
    mode: str
    recorder: str
    provenance: str | None
    records: int
    exchanges: int
    lost: int
    strays: int
    cut: bool
    unfinished: bool


class Section(_Frozen):
    """Findings that belong together. `asks` is the question that they answer."""

    id: SectionId
    title: str
    asks: str
    findings: tuple[Finding, ...]


class Quote(_Frozen):
    """The gist of a line that is evidence; `at` is a time in ISO 8601."""

    place: Place
    at: str
    kind: str
    gist: str


class Report(_Frozen):
    """Everything the report says.

    A place `[recording, line]` is a line, from 1, of the recording with that index, from 0, in
    `sources`. `services` are the hosts with an MCP endpoint, in the order in which they were seen.
    `quotes` are the lines that are evidence, as many of them as the report has room for.
    """

    schema_: Literal["wiretape.report/1"] = Field(serialization_alias="schema")
    wiretape: str
    sources: tuple[Source, ...]
    services: tuple[str, ...]
    sections: tuple[Section, ...]
    diagnoses: tuple[Diagnosis, ...]
    journeys: tuple[Journey, ...]
    lineages: tuple[Lineage, ...]
    quotes: tuple[Quote, ...]
