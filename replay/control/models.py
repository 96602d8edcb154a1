"""What the control API is told and tells. Times are in seconds; moments in seconds since 1970."""

from secrets import token_hex
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from wiretape.replay.oauth.documents import Issuer

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"

type Rate = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
type Span = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
type Moment = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]


class Model(BaseModel):
    """What all of them have in common: nothing else is taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Time(Model):
    """A service's clock: what it shows, and how many seconds pass there in one of the machine's."""

    now: float = Field(examples=[1756433350.0])
    rate: float = Field(examples=[1.0])


class TimeChange(Model):
    """A change of a service's clock: `rate` 0 stops it; `advance` jumps ahead."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"advance": 3300}, {"rate": 0}, {"rate": 60}]}
    )

    rate: Rate | None = None
    advance: Span | None = None

    @model_validator(mode="after")
    def _changes(self) -> "TimeChange":
        if self.rate is None and self.advance is None:
            raise ValueError("say advance or rate")
        return self


class Known(Model):
    """A fault that can be armed; `options` describes what can be chosen, as JSON Schema does."""

    name: str = Field(examples=["unauthorized"])
    title: str
    finds: str
    options: dict[str, JsonValue]


class Arming(Model):
    """A fault to arm, as on the command line, or with its options apart."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"fault": "unauthorized:times=1"},
                {"fault": "stream-cut", "options": {"after": 2, "user": "user-1"}},
            ]
        }
    )

    fault: str
    options: dict[str, JsonValue] = {}


class Armed(Model):
    """A fault that is armed: `seen` such requests came, and it struck `struck` of them."""

    id: int
    name: str
    options: dict[str, JsonValue]
    when: dict[str, JsonValue]
    seen: int
    struck: int


class User(Model):
    """A user, who can consent where `consents`, and how many of the tokens are good."""

    name: str = Field(examples=["user-1"])
    consents: bool
    good_tokens: int


class Token(Model):
    """A token without its secret. `lineage` is the number of the grant, `generation` counts in it.

    A refresh token's time is not limited.
    """

    id: str = Field(examples=["9f86d081884c7d65"])
    kind: Literal["access", "refresh"]
    lineage: int
    generation: int
    user: str
    client_id: str
    scope: str | None
    issued: float | None
    ends: float | None
    standing: str = Field(examples=["good", "expired", "superseded", "revoked", "spent"])


class Issuing(Model):
    """For whom to issue tokens; without a `client_id` for a client made for it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"user": "user-2"}]})

    user: str | None = None
    scope: str | None = None
    client_id: str | None = None


class Issued(Model):
    """Tokens that were issued, to be used (RFC 6749, 5.1)."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str
    scope: str | None
    client_id: str


class Session(Model):
    """An MCP session without its id; `number` is that of the journal, `lineage` its grant's.

    `listens`: the client reads its stream.
    """

    number: int
    lineage: int | None
    user: str | None
    revision: str | None
    listens: bool


class Entry(Model):
    """A request and its answer: see docs/replay.md."""

    model_config = ConfigDict(extra="allow", frozen=True)

    number: int
    at: float
    method: str
    url: str
    role: str
    operation: str
    user: str | None
    lineage: int | None
    token_id: str | None
    token: str | None
    site: str | None
    faults: list[str]
    status: int | None


class Page(Model):
    """Entries of the journal, oldest first; `dropped` are not kept any more."""

    entries: list[Entry]
    dropped: int


class Unplayed(Model):
    """A recorded call that nobody has asked yet; `place` is its line of the recording."""

    place: str = Field(examples=["mcp-traffic-notes.jsonl:17"])
    method: str = Field(examples=["tools/call"])
    name: str | None


class State(Model):
    """A service at a glance. `origins` tells by the profile's where it stands in for them."""

    name: str = Field(examples=["main"])
    profile: str = Field(examples=["atlassian-2025-08"])
    control: str = Field(examples=["http://127.0.0.1:4711/services/main"])
    urls: list[str]
    origins: dict[str, str]
    ca_file: str | None
    clock: Time
    armed: list[Armed]
    clients: int
    tokens: int
    sessions: int
    requests: int
    misses: int


class Wanted(Model):
    """A service to run beside the others, on ports of its own.

    `profile` and `recordings` are as for `wiretape replay`: names, or paths of files.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"profile": "atlassian-2025-08", "issuer": "consistent"},
                {"profile": "oauth-streamable", "faults": ["latency:seconds=2"], "clock_rate": 0},
            ]
        }
    )

    profile: str
    recordings: list[str] = []
    name: Annotated[str, Field(pattern=NAME)] = Field(default_factory=lambda: f"s-{token_hex(4)}")
    expires_in: Annotated[int, Field(ge=1)] | None = None
    issuer: Issuer = "faithful"
    users: Annotated[tuple[str, ...], Field(min_length=1)] = ("user-1",)
    consent: bool = False
    vary: Annotated[int, Field(ge=0)] | None = None
    clock_start: Moment | None = None
    clock_rate: Rate = 1
    faults: list[str] = []


def plain(model: BaseModel) -> dict[str, Any]:
    """Give what was chosen, as JSON has it."""
    return model.model_dump(mode="json", exclude_none=True)
